import type { DynamicModule, Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../../src/audit/audit.module.js';
import { assertClientServable } from '../../src/clients/registry/assert-client-servable.js';
import {
  CLIENT_CHANGES_CHANNEL,
  ClientRegistry,
} from '../../src/clients/registry/client-registry.js';
import { ClientRegistryModule } from '../../src/clients/registry/client-registry.module.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { PollsModule } from '../../src/polls/polls.module.js';
import { HeaderTenantResolver, tenantDataSourceOptions, TenantModule } from 'nest-tenant-schemas';
import { servePolls } from './polls-application.js';
import type { Served, Setting } from './setting.js';

/** The same polls by the engine, its registry and its refusals included. */
export function startTenants(setting: Setting): Promise<Served> {
  return servePolls(tenantApplication(setting, PollsModule));
}

/** The modules of the application for tenants, with one form of its polls. */
export function tenantApplication(
  { databaseUrl, environment }: Setting,
  polls: DynamicModule | Type,
): (DynamicModule | Type)[] {
  return [
    TypeOrmModule.forRoot(tenantDataSourceOptions(dataSourceOptions(environment, databaseUrl))),
    TenantModule.forRootAsync({
      filter: false,
      imports: [ClientRegistryModule],
      inject: [ClientRegistry],
      useFactory: (registry: ClientRegistry) => ({
        registry,
        changeListener: { channel: CLIENT_CHANGES_CHANNEL },
        assertServable: assertClientServable,
        resolver: new HeaderTenantResolver(environment.tenantHeader),
        sharedMigrations,
        tenantMigrations,
      }),
    }),
    AuditModule.forRoot({ name: 'bench', via: 'bench' }),
    ClientRegistryModule,
    polls,
  ];
}
