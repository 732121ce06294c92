import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { admitClient } from './clients/admit-client.js';
import { ClientChanges } from './clients/client-changes.js';
import { ClientRegistry } from './clients/client-registry.js';
import { ClientRegistryModule } from './clients/client-registry.module.js';
import { ClientsModule } from './clients/clients.module.js';
import type { Environment } from './config/environment.interface.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { sharedMigrations } from './database/migrations/shared/index.js';
import { tenantMigrations } from './database/migrations/tenant/index.js';
import { HealthModule } from './health/health.module.js';
import { ErrorFilter } from './http/error.filter.js';
import { RateLimitModule } from './http/rate-limit/rate-limit.module.js';
import { createValidationPipe } from './http/validation.pipe.js';
import { PollsModule } from './polls/polls.module.js';
import { HeaderTenantResolver, tenantDataSourceOptions, TenantModule } from './tenancy/index.js';

@Module({})
export class AppModule {
  /** @param databaseUrl the server to use: `DATABASE_URL`, or that of the embedded one */
  static forRoot(environment: Environment, databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...tenantDataSourceOptions(dataSourceOptions(environment, databaseUrl)),
            // Whoever gives the address has waited for its server, and told of each attempt.
            retryAttempts: 1,
          }),
        }),
        // Ahead of TenantModule, whose guard asks the database.
        RateLimitModule.forRoot(environment.rateLimits, environment.tenantHeader),
        TenantModule.forRootAsync({
          imports: [ClientRegistryModule],
          inject: [ClientRegistry],
          useFactory: (registry: ClientRegistry) => ({
            registry,
            admit: admitClient,
            resolver: new HeaderTenantResolver(environment.tenantHeader),
            sharedMigrations,
            tenantMigrations,
          }),
        }),
        HealthModule,
        ClientRegistryModule,
        ClientsModule,
        PollsModule,
      ],
      providers: [
        {
          provide: ClientChanges,
          useFactory: (registry: ClientRegistry, adapterHost: HttpAdapterHost) =>
            new ClientChanges(registry, adapterHost, environment.databaseDirectUrl ?? databaseUrl),
          inject: [ClientRegistry, HttpAdapterHost],
        },
        { provide: APP_PIPE, useFactory: createValidationPipe },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
