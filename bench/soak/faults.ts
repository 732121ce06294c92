import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator } from './operator.js';
import type { SoakServers } from './servers.js';
import type { SoakTenant } from './tenant.js';

/** Milliseconds between two faults, at least and at most. */
const PAUSE_MS = [200, 800] as const;

/** How often each is drawn, of the sum of all. */
const WEIGHTS = {
  'backends terminated': 5,
  'connections cut': 5,
  'server restarted': 1,
  'tenant suspended': 4,
  'tenant resumed': 4,
  'tenant created': 2,
  'tenant dropped': 2,
} as const;

type Fault = keyof typeof WEIGHTS;

/** Draws faults until it is stopped, each kind once first. */
export class Faults {
  readonly counts = new Map<Fault, number>();

  constructor(
    private readonly servers: SoakServers,
    private readonly operator: Operator,
    private readonly tenants: SoakTenant[],
    private readonly random: () => number,
  ) {}

  async run(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    const first = Object.keys(WEIGHTS) as Fault[];
    for (;;) {
      const [least, most] = PAUSE_MS;
      const pause = least + this.random() * (most - least);
      if (Date.now() + pause > end) break;
      await sleep(pause);
      const fault = first.pop() ?? this.draw();
      await this.cause(fault);
      this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    }
    await sleep(Math.max(0, end - Date.now()));
  }

  private async cause(fault: Fault): Promise<void> {
    const tenant = this.tenants[Math.floor(this.random() * this.tenants.length)];
    switch (fault) {
      case 'backends terminated':
        return this.servers.terminateBackends();
      case 'connections cut':
        return this.servers.cut();
      case 'server restarted':
        return this.servers.restart();
      case 'tenant created':
        return this.operator.create(this.tenants);
      case 'tenant dropped':
        return tenant && this.operator.drop(tenant);
      case 'tenant suspended':
      case 'tenant resumed':
        return tenant && this.operator.suspend(tenant, fault === 'tenant suspended');
    }
  }

  private draw(): Fault {
    const drawn = Object.entries(WEIGHTS).flatMap(([fault, weight]) =>
      Array.from({ length: weight }, () => fault as Fault),
    );
    return drawn[Math.floor(this.random() * drawn.length)] ?? 'connections cut';
  }
}
