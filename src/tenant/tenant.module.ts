import type { DynamicModule } from '@nestjs/common';
import { HeaderTenantResolver, TenantModule } from 'nest-tenant-schemas';
import { assertClientServable } from '../clients/registry/assert-client-servable.js';
import { CLIENT_CHANGES_CHANNEL, ClientRegistry } from '../clients/registry/client-registry.js';
import { ClientRegistryModule } from '../clients/registry/client-registry.module.js';
import type { Environment } from '../config/environment.interface.js';
import { sharedMigrations } from '../database/migrations/shared/index.js';
import { tenantMigrations } from '../database/migrations/tenant/index.js';

/**
 * Configures the engine's `TenantModule` for this application. Its tenants are the rows of `public.clients`. A request names its
 * tenant in the header `TENANT_HEADER` (default `X-Request-ID`).
 */
export function configureTenantModule(environment: Environment): DynamicModule {
  return TenantModule.forRootAsync({
    // ErrorFilter answers all errors.
    filter: false,
    imports: [ClientRegistryModule],
    inject: [ClientRegistry],
    useFactory: (registry: ClientRegistry) => ({
      registry,
      changeListener: { channel: CLIENT_CHANGES_CHANNEL, url: environment.databaseDirectUrl },
      assertServable: assertClientServable,
      resolver: new HeaderTenantResolver(environment.tenantHeader),
      sharedMigrations,
      tenantMigrations,
    }),
  });
}
