import type { DynamicModule, Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../../src/audit/audit.module.js';
import { ClientRegistryModule } from '../../src/clients/registry/client-registry.module.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { PollsModule } from '../../src/polls/polls.module.js';
import { configureTenantModule } from '../../src/tenant/tenant.module.js';
import { tenantDataSourceOptions } from 'nest-tenant-schemas';
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
    configureTenantModule(environment),
    AuditModule.forRoot({ name: 'bench', via: 'bench' }),
    ClientRegistryModule,
    polls,
  ];
}
