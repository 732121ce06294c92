import pg from 'pg';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';
import { tenantDataSourceOptions } from '../../tenant-data-source.js';
import { TenantPool } from '../tenant-pool.js';

const REFUSED: [string, unknown][] = [
  ['pipeline', true],
  ['binary', true],
  ['Client', pg.Client],
  ['Promise', Promise],
  ['connection', {}],
];

it.each(REFUSED)('refuses extra.%s, with its name', (name, value) => {
  for (const isolationOptions of [{}, { rawSql: 'search_path' }, { isolation: 'role' }] as const) {
    expect(() =>
      tenantDataSourceOptions({ ...isolationOptions, extra: { [name]: value } }),
    ).toThrow(`extra.${name}`);
  }
});

it.each(REFUSED)('refuses %s of a pool that is made directly', (name, value) => {
  expect(() => new TenantPool({ [name]: value })).toThrow(TenancyOptionsError);
});

it('refuses binary results as a default of node-postgres', () => {
  pg.defaults.binary = true;
  try {
    expect(() => tenantDataSourceOptions({})).toThrow('pg.defaults.binary');
  } finally {
    pg.defaults.binary = false;
  }
});

it('accepts other options of node-postgres, and those that are off', () => {
  const extra = {
    pipeline: false,
    binary: false,
    keepAlive: true,
    query_timeout: 1000,
    statement_timeout: 1000,
    options: '-c search_path=',
    idleTimeoutMillis: 1000,
    maxUses: 10,
  };
  expect(tenantDataSourceOptions({ extra }).extra).toMatchObject(extra);
});
