// Former names of exports and options still work for one release.
import * as engine from '../../src/index.js';
import { renamedOptions } from '../../src/deprecated.js';

const TENANT = { id: '00000000-0000-4000-8000-00000000000a', schema: 'a' };

it('exports each former name as the same value', () => {
  expect(engine.TenantDirectory).toBe(engine.TenantCache);
  expect(engine.TenantPinError).toBe(engine.TenantRoleError);
  expect(engine.LEDGER_TABLE).toBe('tenant_schemas_ledger');
});

it('reads former options, and prefers the current ones', () => {
  const former = { maxTenants: 1 };
  const current = { maxTenants: 2 };
  expect(renamedOptions({ directory: former }).cache).toBe(former);
  expect(renamedOptions({ directory: former, cache: current }).cache).toBe(current);
  expect(renamedOptions({}).cache).toBeUndefined();
});

it('calls the current check of a tenant, or the former one, with the options as this', () => {
  const calls: unknown[] = [];
  const options = {
    admit(this: unknown, tenant: unknown) {
      calls.push(['admit', this === options, tenant]);
    },
  };
  renamedOptions(options).assertServable?.(TENANT);
  const assertServable = (tenant: unknown): unknown => calls.push(['assertServable', tenant]);
  renamedOptions({ ...options, assertServable }).assertServable?.(TENANT);
  renamedOptions({}).assertServable?.(TENANT);
  expect(calls).toEqual([
    ['admit', true, TENANT],
    ['assertServable', TENANT],
  ]);
});
