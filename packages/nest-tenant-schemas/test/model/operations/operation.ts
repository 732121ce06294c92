import fc from 'fast-check';
import type { Actor } from '../world/actor.js';
import type { World } from '../world/world.js';

/** Something that an actor can do. */
export interface Operation {
  readonly name: string;
  /** How often it is drawn, compared with the others. Default 1. */
  readonly weight?: number;
  /** Asked of an actor that is not waiting for a connection. */
  isPossible(actor: Actor, world: Readonly<World>): boolean;
  /** @param choice a number that picks one of the operation's variants */
  run(world: World, actor: Actor, choice: number): Promise<void>;
}

/** One of a list, by the number that fast-check drew. */
export function pick<T>(from: readonly T[], choice: number): T {
  return from[choice % from.length] as T;
}

/** Who does what: one step of the interleaving. fast-check's model is the actors, the real side the world. */
export class Step implements fc.AsyncCommand<World, World> {
  constructor(
    private readonly operation: Operation,
    private readonly actor: number,
    private readonly choice: number,
  ) {}

  check(world: Readonly<World>): boolean {
    const actor = world.actors[this.actor];
    return actor !== undefined && !actor.isWaiting && this.operation.isPossible(actor, world);
  }

  async run(world: World): Promise<void> {
    await this.operation.run(world, world.actors[this.actor] as Actor, this.choice);
    await world.serveWaiting();
  }

  toString(): string {
    return `${this.operation.name}(${this.actor}, ${this.choice})`;
  }
}
