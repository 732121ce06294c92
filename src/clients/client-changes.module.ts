import { type DynamicModule, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TenantDirectory } from 'nest-tenant-schemas';
import { ClientChanges } from './client-changes.js';
import { ClientRegistry } from './client-registry.js';
import { ClientRegistryModule } from './client-registry.module.js';

/** Has the process hear of changed tenants, so that what the engine remembers of them stays trusted. */
@Module({})
export class ClientChangesModule {
  /** @param databaseUrl of the server itself: a transaction pooler delivers no notifications */
  static forRoot(databaseUrl: string): DynamicModule {
    return {
      module: ClientChangesModule,
      imports: [ClientRegistryModule],
      providers: [
        {
          provide: ClientChanges,
          useFactory: (
            registry: ClientRegistry,
            directory: TenantDirectory,
            adapterHost: HttpAdapterHost,
          ) => new ClientChanges(registry, directory, adapterHost, databaseUrl),
          inject: [ClientRegistry, TenantDirectory, HttpAdapterHost],
        },
      ],
    };
  }
}
