// One list of cases against the polls of a single-tenant application, and against the same polls converted: they
// answer the same. The tenant form runs beside a second tenant, whose polls stay as they are.
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { QueryRunner } from 'typeorm';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { readHistory, TENANT_SCHEMA, TenantProvisioner } from 'nest-tenant-schemas';
import { send } from '../support/application.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { A, B } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { startMultiTenant, startSingleTenant } from './applications.js';
import { CASES, type Step } from './cases.js';
import { PollsModule as SingleTenantPollsModule } from './single-tenant/polls.module.js';

interface Form {
  readonly app: NestFastifyApplication;
  /** What each request carries in this form. */
  readonly sent: { readonly tenant?: string };
  /** Schema of the tables. */
  readonly schema: string;
}

const FORMS: Record<string, (database: TestDatabase) => Promise<Form>> = {
  async 'the single-tenant form'(database) {
    // The tenant's own history, with the schema's name in place of the placeholder.
    const query = (text: string): Promise<unknown> =>
      database.sql(text.replaceAll(TENANT_SCHEMA, 'public'));
    for (const { migration } of readHistory(tenantMigrations, 'tenantMigrations')) {
      await migration.up({ query } as unknown as QueryRunner);
    }
    return { app: await startSingleTenant(database.url), sent: {}, schema: 'public' };
  },

  'the tenant form': (database) => openTenantForm(database),

  'the tenant form whose module file was left as it was': (database) =>
    openTenantForm(database, SingleTenantPollsModule),
};

/** Tenant A, beside a tenant B with a poll of its own. */
async function openTenantForm(database: TestDatabase, polls?: Type): Promise<Form> {
  const app = await startMultiTenant(database.url, new MemoryRegistry(), polls);
  for (const tenant of [B, A]) await app.get(TenantProvisioner).create(tenant);
  await database.sql(`INSERT INTO tenant_b.polls (question) VALUES ('Of b?')`);
  return { app, sent: { tenant: A.id }, schema: A.schema };
}

describe.each(Object.entries(FORMS))('%s', (_name, open) => {
  let database: TestDatabase;
  let form: Form;

  beforeAll(async () => {
    database = await createTestDatabase();
    form = await open(database);
  });

  beforeEach(() => {
    const tables = ['polls', 'choices', 'votes', 'users'].map((table) => `${form.schema}.${table}`);
    return database.sql(`TRUNCATE ${tables.join(', ')} RESTART IDENTITY`);
  });

  afterAll(async () => {
    await form.app.close();
    await database.drop();
  });

  /** The first users, where a case has any: as long as there are none, anyone may change a poll. */
  async function makeUsers(steps: readonly Step[]): Promise<void> {
    if (!steps.some(([, , , , user]) => user !== undefined)) return;
    await database.sql(
      `INSERT INTO ${form.schema}.users (username, password_hash)
         VALUES ('user 1', 'none'), ('user 2', 'none')`,
    );
  }

  async function answer([request, body, , , user]: Step): Promise<object> {
    const [method = '', path = ''] = request.split(' ');
    const answered = await send(await form.app.getUrl(), method, path, {
      ...form.sent,
      body,
      headers: user === undefined ? {} : { 'x-user': String(user) },
    });
    return { request, ...answered };
  }

  it.each(Object.entries(CASES))('%s', async (_title, steps) => {
    await makeUsers(steps);
    const answers: object[] = [];
    for (const step of steps) answers.push(await answer(step));
    expect(answers).toEqual(steps.map(([request, , status, body]) => ({ request, status, body })));
  });

  it('keeps its data in its own schema', async () => {
    const tables = await database.sql<{ schema: string }>(
      `SELECT schemaname AS schema FROM pg_tables WHERE tablename = 'polls' ORDER BY 1`,
    );
    const isAlone = form.schema === 'public';
    expect(tables.map(({ schema }) => schema)).toEqual(isAlone ? ['public'] : [A.schema, B.schema]);
    const ofOthers = isAlone ? [] : await database.sql('SELECT question FROM tenant_b.polls');
    expect(ofOthers).toEqual(isAlone ? [] : [{ question: 'Of b?' }]);
  });
});
