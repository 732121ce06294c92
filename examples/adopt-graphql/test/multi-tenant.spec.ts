import { readFileSync } from 'node:fs';
import type { TableTenant } from 'nest-tenant-schemas';
import { createTestTenant } from 'nest-tenant-schemas/testing';
import { CREATE_AUTHOR, CREATE_BOOK, testApplication } from './cases.js';
import { useTenants } from './use-tenants.js';

const { tenants, clients, clientWith, together, logged } = useTenants();

describe('in a tenant', () => {
  testApplication(clients.a);
});

describe('in another tenant', () => {
  testApplication(clients.b);
});

const AUTHOR = '{ author(id: 3) { name books { title } } }';
const authorOf = (tenant: string): object => ({
  author: { name: `Only in ${tenant}`, books: [{ title: `Book of ${tenant}` }] },
});

it('hides the rows of a tenant from another one', async () => {
  await clients.a.ask(CREATE_AUTHOR, { name: 'Only in A' });
  await clients.b.ask(CREATE_AUTHOR, { name: 'Only in B' });
  await clients.a.ask(CREATE_BOOK, { title: 'Book of A', authorId: 3 });
  await clients.b.ask(CREATE_BOOK, { title: 'Book of B', authorId: 3 });
  expect((await clients.a.ask(AUTHOR)).data).toEqual(authorOf('A'));
  expect((await clients.b.ask(AUTHOR)).data).toEqual(authorOf('B'));
});

it('loads authors and books for requests of both tenants in the same tick', async () => {
  const { a, b } = clients;
  const answers = await together.send(...[a, b, b, a].map((client) => () => client.get(AUTHOR)));
  expect(answers.map(({ data }) => data)).toEqual(['A', 'B', 'B', 'A'].map(authorOf));
});

it('rejects requests without a tenant, or with one that may not be served, by a code', async () => {
  const suspended = await createTestTenant<TableTenant>(tenants.app, {
    tenant: { suspended: true },
  });
  logged.length = 0;
  const codeWith = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
    const { status, data, errors } = await clientWith(headers).ask('{ authors { name } }');
    return [status, data, errors?.map(({ extensions }) => extensions.code)];
  };
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(await codeWith({})).toEqual([200, null, ['TENANT_HEADER_MISSING']]);
  expect(await codeWith({ 'X-Tenant-ID': 'acme' })).toEqual([200, null, ['TENANT_HEADER_INVALID']]);
  expect(await codeWith({ 'X-Tenant-ID': unknown })).toEqual([200, null, ['TENANT_NOT_FOUND']]);
  expect(await codeWith(suspended.headers)).toEqual([200, null, ['TENANT_SUSPENDED']]);
  expect(logged).toEqual([]);
  await suspended.drop();
});

it('took ten changed lines at most', () => {
  const lines = readFileSync('add-tenants.patch', 'utf8').split('\n');
  const added = lines.filter((line) => /^\+(?!\+\+)/.test(line)).length;
  const removed = lines.filter((line) => /^-(?!--)/.test(line)).length;
  process.stdout.write(`Changed lines: ${added} added, ${removed} removed.\n`);
  expect(Math.max(added, removed)).toBeLessThanOrEqual(10);
});
