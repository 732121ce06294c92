import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { isSubmittable, type Statement } from './statement.js';

/** What calls back beside its events: `pg.Query`, and `read()` of a cursor. */
interface Submitted extends EventEmitter {
  callback?: unknown;
  read?: (count: number, callback?: object) => unknown;
}

/** Each bound function, and the one that it calls: an object that is submitted again belongs to its last caller. */
const originals = new WeakMap<object, object>();

/**
 * Runs the events of a statement that submits itself in the async context of its caller, for example `data` of a stream and
 * `row` of `pg.Query`. They come from the socket, which belongs to no tenant. Callbacks of a cursor run in the context of `read()`.
 */
export function bindEvents(statement: Statement): void {
  if (!isSubmittable(statement) || !(statement instanceof EventEmitter)) return;
  const submitted = statement as Submitted;
  submitted.emit = bind(submitted.emit);
  if (typeof submitted.callback === 'function') submitted.callback = bind(submitted.callback);
  // A stream reads a cursor of its own.
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
