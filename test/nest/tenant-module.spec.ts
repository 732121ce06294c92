// TenantModule over real HTTP, on Fastify and on Express: each request acts for the tenant of its header,
// by unchanged repositories and by the bound DataSource, and public routes never look at the header.
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { tenantContext } from 'nest-tenant-schemas';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  poolOf,
} from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { startApplication } from './fixture.js';

const UNKNOWN = '00000000-0000-4000-8000-0000000000ff';

describe.each(['fastify', 'express'] as const)('on %s', (adapter) => {
  let database: TestDatabase;
  let registry: MemoryRegistry;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    database = await createTwoTenants();
    registry = new MemoryRegistry([A, B]);
    ({ app, url } = await startApplication(adapter, database, registry));
  });

  beforeEach(async () => {
    await emptyTenants(database);
    await database.sql(
      `INSERT INTO tenant_a.notes (text) VALUES ('of a'); INSERT INTO tenant_b.notes (text) VALUES ('of b')`,
    );
  });

  afterAll(async () => {
    await app.close();
    expect(registry.listenerCount).toBe(0);
    await database.drop();
  });

  /** Sends a request, and returns what a client sees. */
  async function send(path: string, tenant?: string, body?: object): Promise<[number, unknown]> {
    const response = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(tenant !== undefined && { 'X-Tenant-ID': tenant }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return [response.status, await response.json()];
  }

  it("reads and writes the tenant's rows through an injected repository", async () => {
    expect(await send('/notes', A.id)).toEqual([200, [{ id: 1, text: 'of a' }]]);
    expect(await send('/notes', B.id, { text: 'more' })).toEqual([201, { id: 2, filler: 0 }]);
    expect(await send('/notes', A.id)).toEqual([200, [{ id: 1, text: 'of a' }]]);
    expect(await send('/notes', B.id.toUpperCase())).toEqual([
      200,
      [
        { id: 1, text: 'of b' },
        { id: 2, text: 'more' },
      ],
    ]);
  });

  it('keeps the tenant behind a body that comes in many pieces', async () => {
    const filler = 'x'.repeat(90_000);
    const answers = await Promise.all(
      [A, B, A, B].map(({ id }) => send('/notes', id, { text: 'big', filler })),
    );
    expect(answers.map(([status]) => status)).toEqual([201, 201, 201, 201]);
    expect(await database.sql('SELECT count(*)::int AS count FROM tenant_a.notes')).toEqual([
      { count: 3 },
    ]);
    expect(await database.sql('SELECT count(*)::int AS count FROM tenant_b.notes')).toEqual([
      { count: 3 },
    ]);
  });

  it('keeps two requests apart that are under way at once', async () => {
    expect(
      await Promise.all([send('/notes/together', A.id), send('/notes/together', B.id)]),
    ).toEqual([
      [200, [{ id: 1, text: 'of a' }]],
      [200, [{ id: 1, text: 'of b' }]],
    ]);
  });

  it('gives interleaved requests different bound DataSources, each its own tenant for good', async () => {
    expect(await Promise.all([send('/bound', A.id), send('/bound', B.id)])).toEqual([
      [200, [{ id: 1, text: 'of a' }]],
      [200, [{ id: 1, text: 'of b' }]],
    ]);
  });

  it('resolves the tenant before guards that read its tables', async () => {
    await database.sql('DELETE FROM tenant_b.notes');
    expect((await send('/notes/guarded', A.id))[0]).toBe(200);
    expect((await send('/notes/guarded', B.id))[0]).toBe(403);
  });

  it('hands the tenant to a handler that asks for it', async () => {
    expect(await send('/notes/tenant', B.id)).toEqual([200, { schema: 'tenant_b' }]);
  });

  it.each([
    ['without the header', undefined, 400, 'TENANT_HEADER_MISSING'],
    ['with an empty header', '', 400, 'TENANT_HEADER_MISSING'],
    ['with something else than a UUID', "x' OR 1=1", 400, 'TENANT_HEADER_INVALID'],
    ['with two UUIDs', `${A.id}, ${B.id}`, 400, 'TENANT_HEADER_INVALID'],
    ['with an unknown UUID', UNKNOWN, 404, 'TENANT_NOT_FOUND'],
  ])('refuses a request %s', async (_title, header, statusCode, code) => {
    expect(await send('/notes', header)).toEqual([
      statusCode,
      { statusCode, code, message: expect.any(String) },
    ]);
    expect((await send('/bound', header))[0]).toBe(statusCode);
  });

  it('looks at no header on public routes and unknown paths', async () => {
    expect(await send('/notes/open', 'nonsense')).toEqual([200, { tenant: null }]);
    expect(await send('/notes/open', A.id)).toEqual([200, { tenant: null }]);
    expect(await send('/notices', 'nonsense')).toEqual([200, []]);
    expect((await send('/nowhere', 'nonsense'))[0]).toBe(404);
  });

  it("lets a handler's own mark win over its class's", async () => {
    expect((await send('/notices/own'))[0]).toBe(400);
    expect(await send('/notices/own', A.id)).toEqual([200, [{ id: 1, text: 'of a' }]]);
  });

  it('cannot reach tenant tables from a public route, whatever header is sent', async () => {
    expect((await send('/notices/leak', A.id))[0]).toBe(500);
  });

  it('asks the registry once for a tenant, and again after a change', async () => {
    registry.announce();
    const before = registry.lookUps;
    await Promise.all(Array.from({ length: 10 }, () => send('/notes', A.id)));
    expect(registry.lookUps - before).toBe(1);
    registry.tenants.delete(A.id);
    registry.announce(A.id);
    expect((await send('/notes', A.id))[0]).toBe(404);
    registry.tenants.set(A.id, A);
    registry.announce(A.id);
    expect((await send('/notes', A.id))[0]).toBe(200);
  });

  it('leaves no connection checked out', async () => {
    await send('/notes', A.id);
    const pool = poolOf(app.get(DataSource));
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('control: the plain DataSource in the other tenant context gives the other tenant', async () => {
    const repository = app.get(DataSource).getRepository(Note);
    expect(await tenantContext.run(B, () => repository.find())).toMatchObject([{ text: 'of b' }]);
  });
});
