// The application with TENANT_ISOLATION=role, over HTTP and by its commands: all works as with names, and SQL
// that was injected into a tenant's request is refused by the server when it names another tenant's schema.
import { Controller, Get, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { parseEnvironment } from '../../src/config/environment.js';
import { createFastifyAdapter } from '../../src/http/server/fastify-adapter.js';
import { SchemaMigrator } from 'nest-tenant-schemas';
import { send } from '../support/application.js';
import { type Outcome, runCommand } from '../support/processes.js';
import { createRoleDatabase, type RoleDatabase } from './support.js';

/** A search whose author forgot about parameters. */
@Controller('search')
class CarelessController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  search(@Query('text') text: string): Promise<unknown> {
    return this.dataSource.query(
      `SELECT question FROM "__tenant__".polls WHERE question = '${text}'`,
    );
  }
}

async function start(databaseUrl: string, isolation: string): Promise<NestFastifyApplication> {
  const environment = parseEnvironment({ NODE_ENV: 'test', TENANT_ISOLATION: isolation });
  @Module({
    imports: [AppModule.forRoot(environment, databaseUrl)],
    controllers: [CarelessController],
  })
  class CarelessModule {}
  const app = await NestFactory.create<NestFastifyApplication>(
    CarelessModule,
    createFastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  await app.init();
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
  return app;
}

/** Makes two tenants with a poll each, and searches in the first by SQL that names the second's schema. */
async function attack(app: NestFastifyApplication) {
  const url = await app.getUrl();
  const clients = app.get(ClientsService);
  const [mine, theirs] = [
    await clients.create({ tenant_name: 'Mine' }),
    await clients.create({ tenant_name: 'Theirs' }),
  ];
  for (const [tenant, question] of [
    [mine.id, 'Mine?'],
    [theirs.id, 'Theirs?'],
  ] as const) {
    const { status } = await send(url, 'POST', '/polls', {
      tenant,
      body: { question, choices: ['yes', 'no'] },
    });
    expect(status).toBe(201);
  }
  const injected = `' UNION SELECT question FROM ${theirs.schema}.polls --`;
  const path = `/search?text=${encodeURIComponent(injected)}`;
  const own = await send(url, 'GET', '/polls', { tenant: mine.id });
  expect(own.body).toMatchObject({ items: [{ question: 'Mine?' }] });
  return send(url, 'GET', path, { tenant: mine.id });
}

let database: RoleDatabase;
let app: NestFastifyApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  await database.drop();
});

it("rejects injected SQL that names another tenant's schema, and reveals nothing of it", async () => {
  database = await createRoleDatabase();
  app = await start(database.url, 'role');
  const { status, body } = await attack(app);
  expect(status).toBe(500);
  expect(body).toMatchObject({ statusCode: 500, code: 'INTERNAL_ERROR' });
  expect(JSON.stringify(body)).not.toMatch(/select|theirs|polls|permission|schema/i);
});

it("control: with names alone the same request reads the other tenant's row", async () => {
  database = await createRoleDatabase({ attributes: 'INHERIT' });
  app = await start(database.url, 'names');
  expect(await attack(app)).toEqual({ status: 200, body: [{ question: 'Theirs?' }] });
});

it('runs every command of the lifecycle', async () => {
  database = await createRoleDatabase();
  const env = { DATABASE_URL: database.url, TENANT_ISOLATION: 'role' };
  const cli = async (...args: string[]): Promise<Outcome> => {
    const outcome = await runCommand(args, env);
    expect({ args, ...outcome }).toMatchObject({
      args,
      code: 0,
      err: expect.any(String) as string,
    });
    return outcome;
  };
  await cli('create-tenant', '--name', 'Acme', '--schema', 'acme', '--on-trial', 'true', '--json');
  await cli('migrate-schemas');
  await cli('clone-tenant', 'acme', '--name', 'Copy', '--schema', 'copied');
  await cli('rename-tenant', 'copied', '--schema', 'renamed');
  await cli('suspend-tenant', 'renamed');
  await cli('resume-tenant', 'renamed');
  await cli('migrations-status');
  await cli('all-tenants-command', '--', 'polls-report');
  await cli('create-user', 'acme', '--username', 'ada');
  await cli('change-user', 'acme', '--username', 'ada', '--role', 'admin');
  expect(await database.tenantRoles()).toEqual(
    ['acme', 'renamed'].map((schema) => database.roleOf(schema)).toSorted(),
  );
  expect((await cli('doctor')).out).toBe('No problems found.\n');
  await cli('revert-schemas', '--schema', 'renamed');
  await cli('migrate-schemas');
  await cli('delete-tenant', 'acme', '--force');
  await cli('delete-tenant', 'renamed', '--force');
  expect(await database.tenantRoles()).toEqual([]);
}, 120_000);
