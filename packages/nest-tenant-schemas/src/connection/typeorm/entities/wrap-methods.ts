import type { EntityManager } from 'typeorm';
import type { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import type { Operator } from './entity-guard.js';
import { inheritOwner, ownerOf } from './entity-owner.js';

/** Describes the common part of the guarded classes, private members included. */
export interface Self extends Operator {
  readonly expressionMap: QueryExpressionMap;
  readonly parentQueryBuilder?: Self;
  readonly manager: EntityManager;
}

export type Method = (this: Self, ...args: unknown[]) => unknown;
type Wrap = (method: Method, name: string) => Method;
export type Filter = (name: string) => boolean;
type Check = (self: Self, args: unknown[]) => unknown;

/** Wraps methods of a class, for all of its instances. */
export function wrap(
  { prototype }: { prototype: object },
  wrapping: Wrap,
  isWrapped: Filter,
): void {
  for (const name of Object.getOwnPropertyNames(prototype).filter(isWrapped)) {
    const { value, ...descriptor } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    if (typeof value !== 'function') continue;
    Object.defineProperty(prototype, name, {
      ...descriptor,
      value: wrapping(value as Method, name),
    });
  }
}

/** Returns a filter for methods with these names. */
export function named(...names: string[]): Filter {
  return (name) => names.includes(name);
}

/** Wraps a method so that it throws the error of the check. */
export function throwing(check: Check): Wrap {
  return (method) =>
    function (...args) {
      check(this, args);
      return method.apply(this, args);
    };
}

/** Wraps a method that returns a promise so that it rejects with the error of the check. */
export function rejecting(check: Check): Wrap {
  return (method) =>
    function (...args) {
      try {
        check(this, args);
      } catch (error) {
        return Promise.reject(error);
      }
      return method.apply(this, args);
    };
}

/** Wraps a method so that its result belongs to the tenant of its source. */
export function inheriting(from: Check): Wrap {
  return (method) =>
    function (...args) {
      const made = method.apply(this, args);
      inheritOwner(made, ownerOf(from(this, args)));
      return made;
    };
}
