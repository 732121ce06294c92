import { normalizeIp } from '@nestjs/throttler';
import type { BoundedThrottlerStorage } from './bounded-throttler-storage.js';

/** Counts the wrong operator keys of each address, so that an attacker cannot find the key by trying. */
export class WrongKeys {
  /**
   * @param limit maximum of an address in a window. 0: no limit
   * @param windowMs length of the window in milliseconds
   */
  constructor(
    private readonly storage: BoundedThrottlerStorage,
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Returns the seconds in which all keys of this address are rejected, also the right key. 0: keys are checked. */
  secondsToWait(address: string): number {
    const count = this.limit > 0 ? this.storage.peek(keyOf(address)) : undefined;
    return count && count.hits >= this.limit ? count.seconds : 0;
  }

  /** Counts a wrong key. */
  count(address: string): void {
    void this.storage.increment(keyOf(address), this.windowMs, this.limit);
  }
}

/** Returns the key of an address. All addresses of an IPv6 network share one key, as for the other limits. */
function keyOf(address: string): string {
  return `wrong-key:${normalizeIp(address)}`;
}
