// The commands about all schemas, on one small fleet: what each prints as lines and as JSON, what it exits
// with, and that the status of a fleet that is up to date costs no visit to its schemas.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { LEDGER_TABLE } from '../../src/tenancy/index.js';
import { newClient, openSchemas, type Schemas, schemasOf } from '../schemas/support.js';
import { runHosted } from '../support/hosted-commands.js';
import type { Outcome } from '../support/processes.js';
import type { TestDatabase } from '../support/test-database.js';

const SHARED = sharedMigrations.map(({ name }) => name);
const TENANT = tenantMigrations.map(({ name }) => name);

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
});

beforeEach(async () => {
  for (const schema of ['one', 'two']) await schemas.provisioner.create(newClient(schema));
});

afterEach(async () => {
  for await (const client of schemas.registry.schemas()) await schemas.provisioner.drop(client);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function cli(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATABASE_URL: database.url });
}

/** Takes a schema back to where nothing ran, without the tables that a migration would make again. */
async function forget(schema: string): Promise<void> {
  await database.sql(`DROP SCHEMA ${schema} CASCADE; CREATE SCHEMA ${schema}`);
}

/** Makes every migration of a schema fail: its tables are there, its ledger does not know. */
async function breakSchema(schema: string): Promise<void> {
  await database.sql(`DELETE FROM ${schema}.${LEDGER_TABLE}; COMMENT ON SCHEMA ${schema} IS NULL`);
}

describe('list-tenants', () => {
  it("prints a table in the order of the schemas' names", async () => {
    const first = Object.assign(newClient('first', 'A tenant\nof two lines'), {
      paidUntil: '2030-05-30',
      onTrial: true,
      access: 'members',
      suspended: true,
    });
    await schemas.provisioner.create(first);
    const { code, out, err } = await cli('list-tenants');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [one, two] = await database.sql<{ id: string }>(
      `SELECT id FROM public.clients WHERE schema <> 'first' ORDER BY schema`,
    );
    const uuid = 'UUID'.padEnd(36);
    expect(out.split('\n')).toEqual([
      `NAME                   SCHEMA  ${uuid}  PAID UNTIL     ON TRIAL  ACCESS   SUSPENDED`,
      `A tenant of two lines  first   ${first.id}  2030-05-30     yes       members  yes`,
      `one                    one     ${one?.id}  never expires  no        open     no`,
      `two                    two     ${two?.id}  never expires  no        open     no`,
      '',
    ]);
  });

  it('prints an array of tenants as JSON', async () => {
    const { code, out, err } = await cli('list-tenants', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(
      ['one', 'two'].map((schema) => ({
        tenant_uuid: expect.any(String),
        tenant_name: schema,
        schema_name: schema,
        paid_until: null,
        on_trial: false,
        access: 'open',
        suspended: false,
        created_on: expect.stringMatching(/Z$/),
      })),
    );
  });

  it('says what to do when there are none', async () => {
    for await (const client of schemas.registry.schemas()) await schemas.provisioner.drop(client);
    expect(await cli('list-tenants')).toEqual({
      code: 0,
      out: 'There are no tenants yet. Create one: tenant-schemas create-tenant\n',
      err: '',
    });
    expect(await cli('list-tenants', '--json')).toEqual({ code: 0, out: '[]\n', err: '' });
  });
});

describe('migrations-status', () => {
  const upToDate = (schema: string, names = TENANT): object => ({
    schema,
    applied: names.length,
    pending: [],
    unknown: [],
  });

  it('exits 0 while every schema is up to date', async () => {
    expect(await cli('migrations-status')).toEqual({
      code: 0,
      out: [
        `public: up to date (${SHARED.length} applied)`,
        ...['one', 'two'].map((schema) => `${schema}: up to date (${TENANT.length} applied)`),
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('exits 1 while a schema is behind, naming what is pending', async () => {
    await forget('two');
    expect(await cli('migrations-status')).toEqual({
      code: 1,
      out: [
        `public: up to date (${SHARED.length} applied)`,
        `one: up to date (${TENANT.length} applied)`,
        `two: 0 applied, ${TENANT.length} pending: ${TENANT.join(', ')}`,
        '',
      ].join('\n'),
      err: 'Behind: two. Run: tenant-schemas migrate-schemas\n',
    });
    const { code, out } = await cli('migrations-status', '--json');
    expect({ code, status: JSON.parse(out) as unknown }).toEqual({
      code: 1,
      status: [
        upToDate('public', SHARED),
        upToDate('one'),
        { schema: 'two', applied: 0, pending: TENANT, unknown: [] },
      ],
    });
    expect((await cli('migrations-status', '--schema', 'one')).code).toBe(0);
  });

  it('exits 1 while a schema is ahead, naming what this code does not know', async () => {
    await database.sql(
      `INSERT INTO one.${LEDGER_TABLE} (name) VALUES ('Newer1900000000000');
       COMMENT ON SCHEMA one IS 'tenant-schemas ledger of a newer version'`,
    );
    expect(await cli('migrations-status', '--schema', 'one')).toEqual({
      code: 1,
      out: `one: ${TENANT.length + 1} applied, ahead by 1: Newer1900000000000\n`,
      err: 'Ahead: one. Deploy the version that has their migrations.\n',
    });
  });

  it('tells of the shared schema alone while there is no list of tenants yet', async () => {
    await database.sql(
      `ALTER TABLE public.clients RENAME TO later;
       ALTER TABLE public.${LEDGER_TABLE} RENAME TO ledger_later`,
    );
    try {
      expect(await cli('migrations-status')).toEqual({
        code: 1,
        out: `public: 0 applied, ${SHARED.length} pending: ${SHARED.join(', ')}\n`,
        err: 'Behind: public. Run: tenant-schemas migrate-schemas\n',
      });
    } finally {
      await database.sql(
        `ALTER TABLE public.later RENAME TO clients;
         ALTER TABLE public.ledger_later RENAME TO ${LEDGER_TABLE}`,
      );
    }
  });

  it('visits only the schemas whose digest differs', async () => {
    const statements = async (): Promise<number> => {
      const sent = jest.spyOn(pg.Client.prototype, 'query');
      for await (const { schema } of schemas.migrator.statusOfAll()) expect(schema).not.toBe('');
      const { length } = sent.mock.calls;
      sent.mockRestore();
      return length;
    };
    const few = await statements();
    for (const schema of ['three', 'four', 'five']) {
      await schemas.provisioner.create(newClient(schema));
    }
    expect(await statements()).toBe(few);
    await forget('three');
    expect(await statements()).toBeGreaterThan(few);
  });
});

describe('migrate-schemas', () => {
  const lineOf = (schema: string, done: string): string => `${schema}: ${done} (N ms)`;
  /** The lines sorted: each comes when its schema is done. */
  const lines = ({ out }: Outcome): string[] =>
    out
      .replaceAll(/\(\d+ ms\)/g, '(N ms)')
      .split('\n')
      .slice(0, -1)
      .toSorted();

  it.each([
    [[], ['public', 'one', 'two']],
    [['--shared'], ['public']],
    [['--tenant'], ['one', 'two']],
    [
      ['--shared', '--tenant'],
      ['public', 'one', 'two'],
    ],
    [['--schema', 'two'], ['two']],
    [
      ['--schema', 'two', '--schema', 'one'],
      ['one', 'two'],
    ],
    [
      ['--shared', '--schema', 'two'],
      ['public', 'two'],
    ],
  ])('with %j takes %j', async (flags, taken) => {
    const outcome = await cli('migrate-schemas', ...flags);
    expect({ code: outcome.code, err: outcome.err }).toEqual({ code: 0, err: '' });
    expect(lines(outcome)).toEqual(taken.map((schema) => lineOf(schema, 'up to date')).toSorted());
  });

  it('migrates what is behind, names it, and exits 0', async () => {
    await forget('one');
    const outcome = await cli('migrate-schemas');
    expect({ code: outcome.code, err: outcome.err }).toEqual({ code: 0, err: '' });
    expect(lines(outcome)).toEqual([
      lineOf('one', `applied ${TENANT.join(', ')}`),
      lineOf('public', 'up to date'),
      lineOf('two', 'up to date'),
    ]);
    expect((await cli('migrations-status')).code).toBe(0);
  });

  it.each(['migrate-schemas', 'migrations-status'])(
    '%s takes schemas that no tenant has for wrong usage, and touches none',
    async (command) => {
      await forget('one');
      const flags = ['--schema', 'one', 'nobodys', '--schema', 'public', '--json'];
      expect(await cli(command, ...flags)).toEqual({
        code: 2,
        out: '',
        err: 'No tenant has the schema nobodys, public.\n',
      });
      expect((await cli('migrations-status', '--schema', 'one')).code).toBe(1);
    },
  );

  it('goes on after a failure, and names up to five at the end', async () => {
    const failing = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
    for (const schema of failing) {
      await schemas.provisioner.create(newClient(schema));
      await breakSchema(schema);
    }
    const outcome = await cli('migrate-schemas');
    expect({ code: outcome.code, lines: lines(outcome) }).toEqual({
      code: 1,
      lines: ['one', 'public', 'two'].map((schema) => lineOf(schema, 'up to date')),
    });
    const problems = outcome.err.split('\n').slice(0, -1);
    expect(
      problems
        .slice(0, -1)
        .map((line) => line.split(':')[0])
        .toSorted(),
    ).toEqual(failing);
    expect(problems.at(-1)).toBe(
      'Failed: f1, f2, f3, f4, f5 and 2 more. Run the command again after mending them.',
    );

    const { code, out, err } = await cli('migrate-schemas', '--json');
    expect({ code, err }).toEqual({ code: 1, err: `${problems.at(-1)}\n` });
    const results = JSON.parse(out) as { schema: string; status: string; error: string | null }[];
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map(({ schema }) => schema).toSorted()).toEqual(failing);
    expect(results.find(({ schema }) => schema === 'one')).toEqual({
      schema: 'one',
      status: 'skipped',
      versions: [],
      durationMs: expect.any(Number),
      error: null,
    });
  });
});
