// lastval() belongs to the session. A role keeps a tenant from reading the last id of another tenant, and without
// roles it can be read.
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../../src/index.js';
import { A, addNote, B } from '../support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  openWith,
  type TenantsWithRoles,
} from './tenants-with-roles.js';

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(async () => {
  await tenants.drop();
});

/** Returns whether B reads the id of a new row of A, or the code of its error. */
async function lastValueInB(dataSource: DataSource): Promise<unknown> {
  const { id } = await addNote(dataSource, A);
  const read = tenantContext.run(B, () => dataSource.query('SELECT lastval()::int AS value'));
  return read.then(
    ([{ value }]) => value === id,
    ({ driverError }) => driverError.code,
  );
}

it.each(EVERY_SETTING)('with %s', async (_, options) => {
  const dataSource = await openWith(tenants, { ...options, poolSize: 1 });
  try {
    const isReadable = options.isolation !== 'role';
    expect(await lastValueInB(dataSource)).toBe(isReadable || '42501');
  } finally {
    await dataSource.destroy();
  }
});
