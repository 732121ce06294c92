import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { isSubmittable, type Statement } from './statement.js';

/** Lists the methods that take a callback: those of cursors, and of streams of COPY FROM. */
const CALLING_BACK = ['read', 'close', 'write', 'end'] as const;

type Method = (...args: unknown[]) => unknown;

/** Describes callbacks besides events: the property of `pg.Query`, and the methods of cursors and COPY FROM. */
interface Submitted extends EventEmitter, Partial<Record<(typeof CALLING_BACK)[number], Method>> {
  callback?: unknown;
}

/**
 * Maps each bound function to the original function. An object that is submitted again belongs to its last
 * caller.
 */
const originals = new WeakMap<object, object>();

/**
 * Runs the events of a submittable object in the async context of its caller. Examples are `data` of a stream
 * and `row` of `pg.Query`. Without this, events run in the context of the socket, which has no tenant.
 * Callbacks of methods run in the context of their call, for example of `read()` of a cursor.
 */
export function bindEvents(statement: Statement): void {
  if (!isSubmittable(statement) || !(statement instanceof EventEmitter)) return;
  const submitted = statement as Submitted;
  submitted.emit = bind(submitted.emit);
  if (typeof submitted.callback === 'function') submitted.callback = bind(submitted.callback);
  // A stream reads its own cursor, so only plain cursors need this.
  if ('readable' in submitted) return;
  for (const name of CALLING_BACK) {
    const method = submitted[name];
    if (method) submitted[name] = bindCallbacks(method);
  }
}

function bind<F extends object>(bound: F): F {
  const original = (originals.get(bound) ?? bound) as () => unknown;
  return remember(AsyncResource.bind(original), original) as unknown as F;
}

function bindCallbacks(bound: Method): Method {
  const method = (originals.get(bound) ?? bound) as Method;
  return remember(function (this: unknown, ...args) {
    return method.apply(
      this,
      args.map((each) => (typeof each === 'function' ? AsyncResource.bind(each as Method) : each)),
    );
  }, method);
}

function remember<F extends object>(bound: F, original: object): F {
  originals.set(bound, original);
  return bound;
}
