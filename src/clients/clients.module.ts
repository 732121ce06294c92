import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ClientController } from './client.controller.js';
import { ClientRegistryModule } from './registry/client-registry.module.js';
import { ClientsController } from './clients.controller.js';
import { ClientsService } from './clients.service.js';
import { type CountedEntities, TenantUsage } from './tenant-usage.js';

export interface ClientsModuleOptions {
  /** Entities of tenants whose rows are counted for the operator. */
  readonly counted: CountedEntities;
}

@Module({})
export class ClientsModule {
  static forRoot({ counted }: ClientsModuleOptions): DynamicModule {
    return {
      module: ClientsModule,
      imports: [ClientRegistryModule],
      controllers: [ClientController, ClientsController],
      providers: [
        ClientsService,
        {
          provide: TenantUsage,
          useFactory: (dataSource: DataSource) => new TenantUsage(dataSource, counted),
          inject: [DataSource],
        },
      ],
      exports: [ClientsService, ClientRegistryModule],
    };
  }
}
