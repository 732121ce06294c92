// What a resolver, a registry and the order of modules can do to a request: its tenant is the one that it names, or none.
import { type CanActivate, Controller, Get, Injectable, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  BeforeTenant,
  tenantContext,
  tenantDataSourceOptions,
  TenantModule,
} from '../../src/index.js';
import { A, B, Note, Remark } from '../tenancy/support.js';
import { useServedApplication } from './served-application.js';

describe('a registry', () => {
  const served = useServedApplication();

  it('that finds another tenant than the one it is asked for serves none', async () => {
    const registry = {
      find: async () => B,
      async *all() {
        yield B;
      },
    };
    await served.start({ registry: registry as never });
    expect((await served.request({ 'X-Tenant-ID': A.id }))[0]).toBe(500);
    expect(served.log.lines.join()).toContain(`find('${A.id}') returned the tenant ${B.id}`);
  });
});

describe('a global guard of the root module', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await database.sql(
      `CREATE SCHEMA ${A.schema}; CREATE TABLE ${A.schema}.notes (id int PRIMARY KEY, text text)`,
    );
  });

  afterEach(() => database.drop());

  @Injectable()
  class CountingGuard implements CanActivate {
    constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

    async canActivate(): Promise<boolean> {
      return (await this.notes.count()) === 0;
    }
  }

  @Controller('notes')
  class NotesController {
    @Get()
    read(): string {
      return 'read';
    }
  }

  /** Rejects requests before the tenant is looked up. */
  @BeforeTenant()
  @Injectable()
  class LimitGuard implements CanActivate {
    canActivate(): boolean {
      return tenantContext.current !== undefined;
    }
  }

  it('runs before the tenant is known if it is marked', async () => {
    @Module({
      imports: [
        TypeOrmModule.forRoot(tenantDataSourceOptions({ url: database.url })),
        TenantModule.forRoot({ registry: { tenants: [A] } }),
      ],
      controllers: [NotesController],
      providers: [{ provide: APP_GUARD, useClass: LimitGuard }],
    })
    class AppModule {}

    const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    try {
      await app.listen(0, '127.0.0.1');
      const headers = { 'X-Tenant-ID': A.id };
      expect((await fetch(`${await app.getUrl()}/notes`, { headers })).status).toBe(403);
    } finally {
      await app.close();
    }
  });

  it.each([
    ['Fastify', () => new FastifyAdapter()],
    ['Express', () => new ExpressAdapter()],
  ])('runs in the tenant of the request, on %s', async (_, adapter) => {
    @Module({
      imports: [
        TypeOrmModule.forRoot(
          tenantDataSourceOptions({ url: database.url, entities: [Note, Remark] }),
        ),
        TenantModule.forRoot({ registry: { tenants: [A] } }),
        TenantModule.forFeature([Note]),
      ],
      controllers: [NotesController],
      providers: [{ provide: APP_GUARD, useClass: CountingGuard }],
    })
    class AppModule {}

    const app = await NestFactory.create(AppModule, adapter(), {
      logger: false,
      abortOnError: false,
    });
    try {
      await app.listen(0, '127.0.0.1');
      const response = await fetch(`${await app.getUrl()}/notes`, {
        headers: { 'X-Tenant-ID': A.id },
      });
      expect([response.status, await response.text()]).toEqual([200, 'read']);
    } finally {
      await app.close();
    }
  });
});
