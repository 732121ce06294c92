import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { TENANT_DATA_SOURCE } from 'nest-tenant-schemas';
import { PollsModule } from '../../test/conversion/single-tenant/polls.module.js';
import { ONE_TENANT } from './guarded-by-login.js';
import { servePolls } from './polls-application.js';
import type { Served, Setting } from './setting.js';

/** Where there is one tenant, the DataSource of the results is the DataSource. */
@Global()
@Module({
  providers: [{ provide: TENANT_DATA_SOURCE, useExisting: DataSource }],
  exports: [TENANT_DATA_SOURCE],
})
class OneTenantModule {}

/** The polls as anybody would write them for one tenant: Nest, TypeORM and nothing of ours. */
export function startSingleTenant(setting: Setting): Promise<Served> {
  const { databaseUrl, environment, schema } = setting;
  return servePolls(
    [
      TypeOrmModule.forRoot({
        ...dataSourceOptions(environment, databaseUrl),
        type: 'postgres',
        schema,
      }),
      OneTenantModule,
      PollsModule,
    ],
    [ONE_TENANT],
  );
}
