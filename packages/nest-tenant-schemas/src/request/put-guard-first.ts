import type { CanActivate, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/** The part of Nest's container that holds global guards. It is not in the public types. */
interface Container {
  readonly applicationConfig?: { getGlobalGuards(): CanActivate[] };
}

/**
 * Moves a global guard before those of other modules. Nest runs global guards in the order in which it scans modules, which
 * begins with the root module.
 *
 * @returns whether the guard is now the first one. False if Nest holds its guards in another place
 */
export function putGuardFirst(moduleRef: ModuleRef, guard: Type<CanActivate>): boolean {
  const { container } = moduleRef as unknown as { readonly container?: Container };
  const guards = container?.applicationConfig?.getGlobalGuards();
  const place = guards?.findIndex((each) => each instanceof guard) ?? -1;
  if (!guards || place === -1) return false;
  guards.unshift(...guards.splice(place, 1));
  return true;
}
