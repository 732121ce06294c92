// The two applications around the two forms of the polls module: everything that an application has to change.
import {
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  Global,
  Module,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { ErrorFilter } from '../../src/http/errors/error.filter.js';
import { createFastifyAdapter } from '../../src/http/server/fastify-adapter.js';
import { createValidationPipe } from '../../src/http/validation/validation.pipe.js';
import { Choice } from '../../src/polls/choice.entity.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { Vote } from '../../src/polls/votes/vote.entity.js';
import { PollsModule } from '../../src/polls/polls.module.js';
import {
  HeaderTenantResolver,
  TENANT_DATA_SOURCE,
  tenantDataSourceOptions,
  TenantModule,
  type TenantRegistry,
} from 'nest-tenant-schemas';
import type { UserRequest } from '../../src/users/auth/current-user.decorator.js';
import { User } from '../../src/users/user.entity.js';
import { CopiesController } from './copies.controller.js';
import { PollsModule as SingleTenantPollsModule } from './single-tenant/polls.module.js';

const entities = [Poll, Choice, Vote, User];

/** The header of the polls application. */
const resolver = new HeaderTenantResolver('X-Request-ID');

/**
 * `@InjectTenantDataSource()` is a word of the engine's, which the results of polls use. Where there is one
 * tenant, its DataSource is the DataSource.
 */
@Global()
@Module({
  providers: [{ provide: TENANT_DATA_SOURCE, useExisting: DataSource }],
  exports: [TENANT_DATA_SOURCE],
})
class OneTenantModule {}

/** Sets the user of a request from a header with its id. The polls do not depend on the kind of authentication. */
class HeaderUserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<UserRequest & { headers: Record<string, string | undefined> }>();
    const { 'x-user': id } = request.headers;
    if (id) request.user = { id: Number(id), username: `user ${id}`, email: null, role: 'member' };
    return true;
  }
}

export function startSingleTenant(url: string): Promise<NestFastifyApplication> {
  return start([
    TypeOrmModule.forRoot({ type: 'postgres', url, schema: 'public', entities }),
    OneTenantModule,
    SingleTenantPollsModule,
  ]);
}

/** @param polls the module of polls. A spec passes a module that is not converted */
export function startMultiTenant(
  url: string,
  registry: TenantRegistry,
  polls: Type = PollsModule,
): Promise<NestFastifyApplication> {
  return start([
    TypeOrmModule.forRoot(tenantDataSourceOptions({ url, entities })),
    TenantModule.forRoot({ registry, tenantMigrations, resolver, filter: false }),
    polls,
  ]);
}

/** What is the same in both: pipe, filter, server, and another feature. */
async function start(imports: (DynamicModule | Type)[]): Promise<NestFastifyApplication> {
  @Module({
    imports,
    controllers: [CopiesController],
    providers: [
      { provide: APP_GUARD, useClass: HeaderUserGuard },
      { provide: APP_PIPE, useFactory: createValidationPipe },
      { provide: APP_FILTER, useClass: ErrorFilter },
    ],
  })
  class ApplicationModule {}

  const app = await NestFactory.create<NestFastifyApplication>(
    ApplicationModule,
    createFastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  await app.listen(0, '127.0.0.1');
  return app;
}
