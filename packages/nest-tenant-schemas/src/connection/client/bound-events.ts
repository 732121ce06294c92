import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { isSubmittable, type Statement } from './statement.js';

/** Describes callbacks besides events: those of `pg.Query`, and of `read()` of a cursor. */
interface Submitted extends EventEmitter {
  callback?: unknown;
  read?: (count: number, callback?: object) => unknown;
}

/**
 * Maps each bound function to the original function. An object that is submitted again belongs to its last
 * caller.
 */
const originals = new WeakMap<object, object>();

/**
 * Runs the events of a submittable object in the async context of its caller, for example `data` of a stream
 * and `row` of `pg.Query`. Without this, events run in the context of the socket, which has no tenant.
 * Callbacks of a cursor run in the context of `read()`.
 */
export function bindEvents(statement: Statement): void {
  if (!isSubmittable(statement) || !(statement instanceof EventEmitter)) return;
  const submitted = statement as Submitted;
  submitted.emit = bind(submitted.emit);
  if (typeof submitted.callback === 'function') submitted.callback = bind(submitted.callback);
  // A stream reads its own cursor, so only plain cursors need this.
  if (submitted.read && !('readable' in submitted)) submitted.read = bindRead(submitted.read);
}

function bind<F extends object>(bound: F): F {
  const original = (originals.get(bound) ?? bound) as () => unknown;
  return remember(AsyncResource.bind(original), original) as unknown as F;
}

function bindRead(bound: NonNullable<Submitted['read']>): NonNullable<Submitted['read']> {
  const read = (originals.get(bound) ?? bound) as typeof bound;
  return remember(function (this: Submitted, count, callback) {
    return read.call(this, count, callback && bind(callback));
  }, read);
}

function remember<F extends object>(bound: F, original: object): F {
  originals.set(bound, original);
  return bound;
}
