import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { TenancyOptionsError } from './errors/tenancy-options.error.js';
import type {
  SeedTenant,
  TenantSeeder,
  TenantSeedOption,
} from './interfaces/tenant-seed.interface.js';

/** Returns the function of the option `seed`. It looks up a provider at each call, after all providers exist. */
export function seedOf(
  option: TenantSeedOption | undefined,
  moduleRef: ModuleRef,
): SeedTenant | undefined {
  if (!option) return undefined;
  return isSeeder(option)
    ? (manager, tenant) => seederOf(option, moduleRef).seed(manager, tenant)
    : (option as SeedTenant);
}

/** @throws TenancyOptionsError if no module has the provider */
export function assertSeeder(option: TenantSeedOption | undefined, moduleRef: ModuleRef): void {
  if (option && isSeeder(option)) seederOf(option, moduleRef);
}

function seederOf(seeder: Type<TenantSeeder>, moduleRef: ModuleRef): TenantSeeder {
  try {
    return moduleRef.get(seeder, { strict: false });
  } catch {
    throw new TenancyOptionsError(
      `TenantModule: seed (${seeder.name})`,
      'must be a provider without a request scope. Add it to the providers of a module that the application imports',
    );
  }
}

function isSeeder(option: TenantSeedOption): option is Type<TenantSeeder> {
  const { prototype } = option as { prototype?: Partial<TenantSeeder> };
  return typeof prototype?.seed === 'function';
}
