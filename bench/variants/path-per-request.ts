import {
  type CallHandler,
  type ExecutionContext,
  type FactoryProvider,
  Global,
  Module,
  type NestInterceptor,
  Scope,
} from '@nestjs/common';
import { APP_INTERCEPTOR, REQUEST } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { finalize, type Observable } from 'rxjs';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { Choice } from '../../src/polls/choice.entity.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { Vote } from '../../src/polls/votes/vote.entity.js';
import { TENANT_DATA_SOURCE } from 'nest-tenant-schemas';
import { User } from '../../src/users/user.entity.js';
import { ONE_TENANT } from './guarded-by-login.js';
import { knownTenants } from './known-tenants.js';
import { servePolls } from './polls-application.js';
import { requestScopedPolls } from './request-scoped-polls.js';
import type { Served, Setting } from './setting.js';

/** What the header is in. */
type Request = { headers: Record<string, string> };

/** The connections that requests have, until they are answered. */
class RunnersOfRequests implements NestInterceptor {
  private readonly runners = new WeakMap<object, QueryRunner>();

  async open(dataSource: DataSource, request: Request, schema: string): Promise<EntityManager> {
    const runner = dataSource.createQueryRunner();
    this.runners.set(request, runner);
    await runner.query(`SET search_path TO "${schema}"`);
    return runner.manager;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<object>();
    return next.handle().pipe(finalize(() => void this.runners.get(request)?.release()));
  }
}

/**
 * The other way of the tutorials: one pool, a connection of it for the whole of each request, whose search path is set first, and
 * repositories of it, and so everything request-scoped. Tenants are known from the start, so that no look-up counts against it.
 */
export async function startPathPerRequest({ databaseUrl, environment }: Setting): Promise<Served> {
  const schemas = await knownTenants(databaseUrl);
  const runners = new RunnersOfRequests();
  const manager: FactoryProvider = {
    provide: TENANT_DATA_SOURCE,
    scope: Scope.REQUEST,
    inject: [DataSource, REQUEST],
    useFactory: (dataSource: DataSource, request: Request) => {
      const schema = schemas.get(request.headers[environment.tenantHeader.toLowerCase()] ?? '');
      if (schema === undefined) throw new Error('There is no such tenant.');
      return runners.open(dataSource, request, schema);
    },
  };

  @Global()
  @Module({ providers: [manager], exports: [TENANT_DATA_SOURCE] })
  class RequestModule {}

  return servePolls(
    [
      TypeOrmModule.forRoot({
        ...dataSourceOptions(environment, databaseUrl),
        type: 'postgres',
        entities: [Poll, Choice, Vote, User],
      }),
      RequestModule,
      requestScopedPolls(TENANT_DATA_SOURCE),
    ],
    [ONE_TENANT, { provide: APP_INTERCEPTOR, useValue: runners }],
  );
}
