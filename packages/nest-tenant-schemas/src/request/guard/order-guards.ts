import type { CanActivate, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { BEFORE_TENANT } from './before-tenant.decorator.js';

/** The part of Nest's container that holds global guards. It is not in the public types. */
interface Container {
  readonly applicationConfig?: { getGlobalGuards(): CanActivate[] };
}

/**
 * Puts a global guard before those of other modules, except those that are marked with `@BeforeTenant()`. Nest runs global
 * guards in the order in which it scans modules, which begins with the root module.
 *
 * @returns whether the guards are in order. False if Nest holds its guards in another place
 */
export function orderGuards(moduleRef: ModuleRef, guard: Type<CanActivate>): boolean {
  const { container } = moduleRef as unknown as { readonly container?: Container };
  const guards = container?.applicationConfig?.getGlobalGuards();
  if (!guards?.some((each) => each instanceof guard)) return false;
  const rank = (each: CanActivate): number => {
    if (Reflect.getMetadata(BEFORE_TENANT, each.constructor)) return 0;
    return each instanceof guard ? 1 : 2;
  };
  // In place: Nest keeps this list.
  guards.splice(0, guards.length, ...guards.toSorted((one, other) => rank(one) - rank(other)));
  return true;
}
