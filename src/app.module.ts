import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Actor } from './audit/actor.interface.js';
import { AuditModule } from './audit/audit.module.js';
import type { Client } from './clients/client.entity.js';
import { ClientRegistryModule } from './clients/registry/client-registry.module.js';
import { ClientsModule } from './clients/clients.module.js';
import type { Environment } from './config/environment.interface.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { HealthModule } from './health/health.module.js';
import { ErrorFilter } from './http/errors/error.filter.js';
import { RateLimitModule } from './http/rate-limit/rate-limit.module.js';
import { createValidationPipe } from './http/validation/validation.pipe.js';
import { OperatorKey } from './operators/operator-key.js';
import { OperatorsModule } from './operators/operators.module.js';
import { Poll } from './polls/poll.entity.js';
import { PollsModule } from './polls/polls.module.js';
import { tenantDataSourceOptions } from 'nest-tenant-schemas';
import { configureTenantModule } from './tenant/tenant.module.js';
import { User } from './users/user.entity.js';
import { UsersModule } from './users/users.module.js';

@Module({})
export class AppModule {
  /**
   * @param databaseUrl address of the database: `DATABASE_URL`, or that of the embedded server
   * @param actor recorded in the audit log for changes of tenants. Default: the operator key, over HTTP
   */
  static forRoot(
    environment: Environment,
    databaseUrl: string,
    actor = operator(environment),
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...tenantDataSourceOptions(dataSourceOptions(environment, databaseUrl)),
            // openDatabase() has already waited for the server, and reported each failed attempt.
            retryAttempts: 1,
          }),
        }),
        // Before TenantModule: the guard of that module queries the database.
        RateLimitModule.forRoot(environment.rateLimits, environment.tenantHeader),
        configureTenantModule(environment),
        AuditModule.forRoot(actor),
        HealthModule,
        ClientRegistryModule,
        OperatorsModule.forRoot(environment.operatorKey),
        ClientsModule.forRoot({ counted: { polls: Poll, users: User } }),
        UsersModule.forRoot({
          secrets: environment.jwtSecrets,
          tokenTtlSeconds: environment.jwtTtlSeconds,
          isMembersOnly: ({ access }: Client) => access !== 'open',
        }),
        PollsModule,
      ],
      providers: [
        { provide: APP_PIPE, useFactory: createValidationPipe },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}

function operator({ operatorKey }: Environment): Actor {
  return { name: `operator ${new OperatorKey(operatorKey).fingerprint}`, via: 'HTTP' };
}
