import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Tenant, TenantProvisioner } from 'nest-tenant-schemas';
import { AppModule } from './app.module.js';

const ACME: Tenant = { id: 'a0000000-0000-4000-8000-000000000000', schema: 'acme' };
const GLOBEX: Tenant = { id: 'b0000000-0000-4000-8000-000000000000', schema: 'globex' };

let app: INestApplication;
let url: string;

const notesOf = (tenant: Tenant, body?: object): Promise<Response> =>
  fetch(`${url}/notes`, {
    headers: { 'X-Request-ID': tenant.id, 'Content-Type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  for (const tenant of [ACME, GLOBEX]) await app.get(TenantProvisioner).create(tenant);
});

afterAll(async () => {
  for (const tenant of [ACME, GLOBEX]) await app.get(TenantProvisioner).drop(tenant);
  await app.close();
});

it("keeps each tenant's notes in its own schema", async () => {
  const added = await notesOf(ACME, { text: 'A note of Acme' });
  expect([added.status, await added.json()]).toEqual([201, { id: 1, text: 'A note of Acme' }]);
  expect(await (await notesOf(ACME)).json()).toEqual([{ id: 1, text: 'A note of Acme' }]);
  expect(await (await notesOf(GLOBEX)).json()).toEqual([]);
});
