import { ConfigurableModuleBuilder } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { protectDataSource } from './connection/tenant-data-source.js';
import { TenancyOptionsError } from './errors/tenancy-options.error.js';
import { TenancyExceptionFilter } from './request/tenancy-exception.filter.js';
import type { TenantModuleOptions } from './tenant-module-options.interface.js';

/**
 * Configures the structure of the module. These options belong to the import, never to the async factory's
 * result.
 */
export interface TenantModuleExtras {
  /** Names the DataSource in `TypeOrmModule`. Default: the unnamed one. */
  readonly dataSourceName?: string;
  /**
   * Whether the module answers the engine's errors with their HTTP statuses, for example 404 for an unknown tenant. Set it to
   * false if an exception filter of yours does. Default: true.
   */
  readonly filter?: boolean;
}

/** Names the provider of the options with all defaults. Internal. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');

/** Names the provider of the protected DataSource. Internal. */
export const ENGINE_DATA_SOURCE = Symbol('ENGINE_DATA_SOURCE');

const builder = new ConfigurableModuleBuilder<TenantModuleOptions>({ moduleName: 'Tenant' })
  .setClassMethodName('forRoot')
  .setExtras<TenantModuleExtras>({}, (definition, { dataSourceName, filter = true }) => ({
    ...definition,
    global: true,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: ENGINE_DATA_SOURCE,
        useFactory: (dataSource: DataSource | undefined) => {
          if (dataSource) return protectDataSource(dataSource);
          throw new TenancyOptionsError(
            'TenantModule',
            'needs a DataSource. Import TypeOrmModule.forRoot(tenantDataSourceOptions({ … })) before it' +
              (dataSourceName === undefined
                ? '. If it has a name, name it here too: TenantModule.forRoot({ dataSourceName: … }).'
                : `, with the name "${dataSourceName}".`),
          );
        },
        inject: [{ token: getDataSourceToken(dataSourceName), optional: true }],
      },
      ...(filter ? [{ provide: APP_FILTER, useClass: TenancyExceptionFilter }] : []),
    ],
  }));

/**
 * Builds the registration of `TenantModule`. The async factory receives its dependencies through `imports`,
 * and returns values only.
 */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: TENANT_MODULE_OPTIONS } =
  builder.build();
