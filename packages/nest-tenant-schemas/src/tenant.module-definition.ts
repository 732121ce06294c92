import { ConfigurableModuleBuilder } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { protectDataSource } from './connection/tenant-data-source.js';
import type { TenantModuleOptions } from './tenant-module-options.interface.js';

/** Structure of the module: fixed where it is imported, never in the async factory's result. */
export interface TenantModuleExtras {
  /** Name of the DataSource in `TypeOrmModule`. Default: the unnamed one. */
  readonly dataSourceName?: string;
}

/** Token of the application's DataSource, protected. Internal. */
export const ENGINE_DATA_SOURCE = Symbol('ENGINE_DATA_SOURCE');

const builder = new ConfigurableModuleBuilder<TenantModuleOptions>({ moduleName: 'Tenant' })
  .setClassMethodName('forRoot')
  .setExtras<TenantModuleExtras>({}, (definition, { dataSourceName }) => ({
    ...definition,
    global: true,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: ENGINE_DATA_SOURCE,
        useFactory: protectDataSource,
        inject: [getDataSourceToken(dataSourceName)],
      },
    ],
  }));

/** Registration of `TenantModule`. What the factory needs comes by `imports`; it returns values only. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: TENANT_MODULE_OPTIONS } =
  builder.build();
