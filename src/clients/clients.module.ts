import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ClientController } from './client.controller.js';
import { ClientRegistryModule } from './client-registry.module.js';
import { ClientsController } from './clients.controller.js';
import { ClientsService } from './clients.service.js';
import { OperatorKey } from './operator-key.js';
import { type CountedEntities, TenantUsage } from './tenant-usage.js';

export interface ClientsModuleOptions {
  /** Undefined lets no operator in. */
  readonly operatorKey: string | undefined;
  /** Entities of tenants whose rows the operator is told the number of. */
  readonly counted: CountedEntities;
}

@Module({})
export class ClientsModule {
  static forRoot({ operatorKey, counted }: ClientsModuleOptions): DynamicModule {
    return {
      module: ClientsModule,
      imports: [ClientRegistryModule],
      controllers: [ClientController, ClientsController],
      providers: [
        ClientsService,
        { provide: OperatorKey, useFactory: () => new OperatorKey(operatorKey) },
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
