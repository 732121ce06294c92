// Thousands of random steps of four actors of three tenants on two connections: requests, transactions,
// savepoints, errors, session settings, streams, nested contexts, given up requests, killed backends; with roles also
// SQL that names another tenant's schema. No actor reads or writes another tenant's row, and the server holds what was
// acknowledged. Controls: controls.spec.ts.
import type { TenantDataSourceOptions } from '../../src/index.js';
import type { TenantsWithRoles } from '../tenancy/roles/tenants-with-roles.js';
import { runModel } from './run-model.js';
import { createModelDatabase, muteWarnings } from './set-up.js';
import { modelParameters } from './settings.js';
import { World } from './world/world.js';

/** Interleavings of up to 60 steps: by the defaults, and by each other setting. */
const [most, some] = globalThis.testServerName === '18' ? [300, 80] : [60, 60];

type Setting = [string, number, Partial<TenantDataSourceOptions>];

const SETTINGS: readonly Setting[] = [
  ['names', most, {}],
  ['a search path', some, { rawSql: 'search_path' }],
  ['a role of its own', some, { isolation: 'role' }],
  ['a role and a search path', some, { isolation: 'role', rawSql: 'search_path' }],
];

let database: TenantsWithRoles;

beforeAll(async () => {
  muteWarnings();
  database = await createModelDatabase();
});

afterAll(async () => {
  await database.drop();
  jest.restoreAllMocks();
});

it.each(SETTINGS)(
  'keeps every tenant to its own rows by %s, while others work at the same time',
  async (_, runs, options) => {
    const world = await World.open(database, options);
    try {
      const { error, report } = await runModel(world, modelParameters(runs));
      expect({ error, report }).toEqual({ error: null, report: null });
    } finally {
      await world.dataSource.destroy();
    }
  },
  600_000,
);
