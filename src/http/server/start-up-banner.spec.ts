// The start-up banner: addresses, and a command to try.
import { startUpBanner } from './start-up-banner.js';

const FACTS = {
  url: 'http://127.0.0.1:3000',
  database: 'embedded PostgreSQL 18.4',
  tenantHeader: 'X-Tenant',
};
const UUID = '123e4567-e89b-42d3-a456-426614174000';

it('begins with the addresses, the database and the number of tenants', () => {
  expect(startUpBanner({ ...FACTS, tenants: 3 })).toMatch(
    /^\n {2}API {7}http:\/\/127\.0\.0\.1:3000\n {2}Docs {6}http:\/\/127\.0\.0\.1:3000\/docs\n {2}Database {2}embedded PostgreSQL 18\.4\n {2}Tenants {3}3\n/,
  );
});

it('shows a generated operator key', () => {
  expect(startUpBanner({ ...FACTS, tenants: 3, operatorKey: 'k3y' })).toContain(
    '\n  Tenants   3\n  Operator  key k3y\n\n',
  );
});

it.each([
  ['how to create the first tenant', 0, undefined, '-- create-tenant --name Pollsmaster'],
  [
    'how to read the polls of a tenant',
    1,
    UUID,
    `curl -H 'X-Tenant: ${UUID}' ${FACTS.url}/polls\n`,
  ],
  [
    'how to read polls, without a uuid that is secret',
    1,
    undefined,
    `curl -H 'X-Tenant: <tenant_uuid>' ${FACTS.url}/polls\n`,
  ],
])('prints %s', (_title, tenants, tenantToTry, line) => {
  expect(startUpBanner({ ...FACTS, tenants, tenantToTry })).toContain(line);
});
