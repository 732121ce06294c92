// Names of roles, which are of the whole cluster: never too long, and never one name for two.
import {
  everyTenantRoleName,
  ownerRoleName,
  tenantRoleName,
  tenantRolePrefix,
} from './role-name.js';

const LONG = 'n'.repeat(63);

it('is the hash of the database and the schema', () => {
  expect(tenantRoleName('app', 'acme')).toMatch(/^[0-9a-f]{12}_acme$/);
  expect(tenantRoleName('app', 'acme')).toBe(tenantRoleName('app', 'acme'));
});

it.each([1, 49, 50, 51, 62, 63])('has at most 63 bytes for a schema of %i', (length) => {
  const name = tenantRoleName('a database\u00e9'.repeat(6), 's'.repeat(length));
  expect(Buffer.byteLength(name)).toBe(Math.min(13 + length, 63));
});

it('keeps the beginning of a name that is too long', () => {
  expect(tenantRoleName('app', LONG)).toMatch(/^[0-9a-f]{12}_n{25}-[0-9a-f]{24}$/);
});

it('distinguishes schemas whose names begin alike', () => {
  const names = ['a', 'b'].map((end) => tenantRoleName('app', LONG.slice(1) + end));
  expect(new Set(names).size).toBe(2);
});

it('is of no schema what it is of a longer one', () => {
  // Schema names contain only a-z, 0-9 and _. A client cannot choose a name that equals a hashed one.
  expect(tenantRoleName('app', LONG).slice(13)).toMatch(/[^a-z0-9_]/);
});

it.each([tenantRoleName, ownerRoleName, everyTenantRoleName, tenantRolePrefix])(
  'differs from database to database (%o)',
  (nameOf) => {
    expect(nameOf('app', 'acme')).not.toBe(nameOf('App', 'acme'));
  },
);

it('is never the owner of schemas, nor the role that all are in', () => {
  const prefix = tenantRolePrefix('app');
  for (const name of [ownerRoleName('app'), everyTenantRoleName('app')]) {
    expect(name.startsWith(prefix)).toBe(false);
    expect(name).not.toBe(tenantRoleName('app', 'owner'));
  }
  expect(ownerRoleName('app')).not.toBe(everyTenantRoleName('app'));
  for (const schema of ['owner', 'tenants', LONG]) {
    expect(tenantRoleName('app', schema).startsWith(prefix)).toBe(true);
  }
});
