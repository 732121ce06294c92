// The recipe of docs/recipes/tenant-from-the-host.md: its resolver finds the tenant manager of the module that it belongs to.
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  SchemaMigrator,
  TENANT_RESOLVER,
  tenantContext,
  type Tenant,
  tenantDataSourceOptions,
  TenantManager,
  TenantModule,
  TenantProvisioner,
  type TenantRequest,
  type TenantResolver,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

class HostResolver implements TenantResolver {
  constructor(private readonly moduleRef: ModuleRef) {}

  async resolve({ headers }: TenantRequest): Promise<string> {
    const [name = ''] = String(headers.host ?? '').split('.');
    const tenants = this.moduleRef.get(TenantManager, { strict: false });
    return (await tenants.getBySchema(name.replaceAll('-', '_'))).id;
  }

  headersFor({ schema }: Tenant): { host: string } {
    return { host: `${schema.replaceAll('_', '-')}.example.com` };
  }
}

@Controller()
class SchemaController {
  @Get()
  read(): string {
    return tenantContext.require().schema;
  }
}

let database: TestDatabase;
let app: INestApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  const module = {
    module: class ApplicationModule {},
    imports: [
      TypeOrmModule.forRoot(tenantDataSourceOptions({ url: database.url, entities: [] })),
      TenantModule.forRootAsync({
        inject: [ModuleRef],
        useFactory: (moduleRef: ModuleRef) => ({ resolver: new HostResolver(moduleRef) }),
      }),
    ],
    controllers: [SchemaController],
  };
  app = await NestFactory.create(module, new FastifyAdapter(), { logger: false });
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  for (const schema of ['acme', 'globex', 'acme_sohne'])
    await app.get(TenantProvisioner).create({ id: crypto.randomUUID(), name: schema, schema });
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app?.close();
  await database?.drop();
});

/** Sends a request to a host, and returns its status and its body. */
function get(host: string): Promise<[number | undefined, string]> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers: { host } }, async (response) => {
      let body = '';
      for await (const chunk of response) body += String(chunk);
      resolve([response.statusCode, body]);
    })
      .on('error', reject)
      .end();
  });
}

it('serves the tenant that the host names', async () => {
  expect(await get('acme.example.com')).toEqual([200, 'acme']);
  expect(await get('globex.example.com:3000')).toEqual([200, 'globex']);
});

it('serves a schema with an underscore by the host of its headers', async () => {
  const tenant = { id: crypto.randomUUID(), schema: 'acme_sohne' };
  const { host } = app.get<HostResolver>(TENANT_RESOLVER).headersFor(tenant);
  expect([host, await get(host)]).toEqual(['acme-sohne.example.com', [200, 'acme_sohne']]);
});

it('answers a host without a tenant with 404', async () => {
  const [status, body] = await get('initech.example.com');
  expect([status, JSON.parse(body)]).toMatchObject([404, { code: 'TENANT_NOT_FOUND' }]);
});
