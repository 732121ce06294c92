// Fixtures for the tests of an application: import them from `nest-tenant-schemas/testing`.
export { createTestTenant, type TestTenant, type TestTenantOptions } from './create-test-tenant.js';
export { expectIsolated, type IsolationProbe } from './expect-isolated.js';
export { type TwoTenants, useTwoTenants } from './use-two-tenants.js';
