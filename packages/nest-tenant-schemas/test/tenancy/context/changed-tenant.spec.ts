// The engine reads a tenant once, when work enters it. A change of the application's object afterwards redirects
// nothing, and no name reaches the server that has not passed the rules.
import { jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { EnteredTenant } from '../../../src/context/entered-tenant.js';
import { TenantScope } from '../../../src/context/tenant-scope.js';
import {
  dataSourceFor,
  SchemaNameInvalidError,
  type Tenant,
  TENANT_SCHEMA,
  tenantContext,
  TenantMismatchError,
  tenantQueryCache,
} from '../../../src/index.js';
import { A, addNote, B, emptyTenants, Note, poolOf, storedTexts } from '../support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes`;
const INJECTED = 'tenant_b".notes UNION ALL SELECT text FROM "tenant_b';

interface Changeable extends Tenant {
  id: string;
  schema: string;
}

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(async () => {
  await tenants.drop();
});

/** Reads and writes after the change, each by the tenant that was entered before it. */
const USES: [string, (tenant: Changeable, change: () => void) => Promise<{ text: string }[]>][] = [
  [
    'a handle',
    async (tenant, change) => {
      const handle = dataSourceFor(dataSource, tenant);
      change();
      await handle.manager.save(Note, { text: 'new' });
      return handle.manager.find(Note);
    },
  ],
  [
    'work inside run()',
    (tenant, change) =>
      tenantContext.run(tenant, async () => {
        change();
        await dataSource.manager.save(Note, { text: 'new' });
        return dataSource.query(READ);
      }),
  ],
  [
    'a handle that was made inside run()',
    (tenant, change) =>
      tenantContext.run(tenant, async () => {
        const handle = dataSourceFor(dataSource, tenantContext.require());
        change();
        await handle.transaction((manager) => manager.save(Note, { text: 'new' }));
        return handle.query(READ);
      }),
  ],
  [
    'a transaction',
    (tenant, change) =>
      tenantContext.run(tenant, () =>
        dataSource.transaction(async (manager) => {
          await manager.save(Note, { text: 'new' });
          change();
          return manager.query(READ);
        }),
      ),
  ],
  [
    'a client',
    (tenant, change) =>
      tenantContext.run(tenant, async () => {
        const client = await poolOf(dataSource).connect();
        try {
          change();
          await client.query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ('new')`);
          return (await client.query<{ text: string }>(READ)).rows;
        } finally {
          client.release();
        }
      }),
  ],
];

describe.each(EVERY_SETTING)('with %s', (_, options) => {
  beforeAll(async () => {
    dataSource = await openWith(tenants, { ...options, poolSize: 2, cache: tenantQueryCache() });
  });

  beforeEach(async () => {
    await emptyTenants(tenants);
    await addNote(dataSource, A);
    await addNote(dataSource, B);
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  describe.each([B.schema, INJECTED])('and the schema changed to %s', (schema) => {
    it.each(USES)('%s stays in the tenant that was entered', async (__, use) => {
      const tenant = { ...A };
      const rows = await use(tenant, () => {
        tenant.schema = schema;
        tenant.id = B.id;
      });
      expect(rows.map(({ text }) => text)).toEqual([A.schema, 'new']);
      expect(await storedTexts(tenants, B)).toEqual([B.schema]);
    });
  });

  it('an entity belongs to the tenant that was entered', async () => {
    const tenant = { ...A };
    const note = await tenantContext.run(tenant, () => {
      tenant.schema = B.schema;
      return dataSource.manager.findOneByOrFail(Note, { id: 1 });
    });
    await expect(tenantContext.run(B, () => dataSource.manager.save(note))).rejects.toThrow(
      TenantMismatchError,
    );
  });

  it('a cached result belongs to the tenant that was entered', async () => {
    const cached = (): Promise<Note> =>
      dataSource.getRepository(Note).findOneOrFail({ where: { id: 1 }, cache: true });
    const tenant = { ...A };
    await tenantContext.run(tenant, () => {
      tenant.id = B.id;
      return cached();
    });
    expect((await tenantContext.run(B, cached)).text).toBe(B.schema);
  });

  it('a getter is read once', async () => {
    let reads = 0;
    const tenant = {
      id: A.id,
      name: 'a',
      get schema() {
        return reads++ ? INJECTED : A.schema;
      },
    };
    const rows = await tenantContext.run(tenant, () => dataSource.query(READ));
    expect(rows).toEqual([{ text: A.schema }]);
  });
});

describe('tenantContext.current', () => {
  it("is the application's own object, also after a change", () => {
    const tenant = { ...A, name: 'first' };
    tenantContext.run(tenant, () => {
      tenant.schema = B.schema;
      tenant.name = 'second';
      expect(tenantContext.current).toBe(tenant);
      expect(tenantContext.require()).toBe(tenant);
    });
  });
});

it('a request whose object changed before its guard ran again is not another tenant', () => {
  const scope = new TenantScope();
  const tenant = { ...A };
  scope.resolve(tenant);
  tenant.schema = B.schema;
  expect(scope.tenant?.schema).toBe(A.schema);
  expect(() => scope.resolve(tenant)).toThrow(TenantMismatchError);
  tenant.schema = INJECTED;
  expect(() => scope.resolve(tenant)).toThrow(SchemaNameInvalidError);
});

describe('control: without the copy', () => {
  beforeAll(async () => {
    dataSource = await openWith(tenants, { poolSize: 2 });
    await emptyTenants(tenants);
    await addNote(dataSource, A);
    await addNote(dataSource, B);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  it.each(USES)('%s leaks', async (_, use) => {
    jest.spyOn(EnteredTenant, 'of').mockImplementation((tenant) => tenant as EnteredTenant);
    const tenant = { ...A };
    const rows = await use(tenant, () => (tenant.schema = B.schema)).catch((error) => [error]);
    expect(rows.map(({ text }) => text)).not.toEqual([A.schema, 'new']);
  });
});
