// list-tenants and migrations-status on one small fleet: what each prints as lines and as JSON, what it exits with,
// and that the status of a fleet that is up to date costs no visit to its schemas.
import { sharedMigrations } from '../../../src/database/migrations/shared/index.js';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { newClient } from '../../schemas/support.js';
import { countStatements } from '../../support/sent-statements.js';
import { type Fleet, openFleet, TENANT } from './fleet-support.js';

const SHARED = sharedMigrations.map(({ name }) => name);

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleet();
});

beforeEach(() => fleet.create('one', 'two'));

afterEach(() => fleet.clear());

afterAll(() => fleet?.close());

describe('list-tenants', () => {
  it("prints a table in the order of the schemas' names", async () => {
    const first = Object.assign(newClient('first', 'A tenant\nof two lines'), {
      paidUntil: '2030-05-30',
      onTrial: true,
      access: 'members',
      suspended: true,
    });
    await fleet.schemas.provisioner.create(first);
    const { code, out, err } = await fleet.cli('list-tenants');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [one, two] = await fleet.database.sql<{ id: string }>(
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
    const { code, out, err } = await fleet.cli('list-tenants', '--json');
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
    await fleet.clear();
    expect(await fleet.cli('list-tenants')).toEqual({
      code: 0,
      out: 'There are no tenants yet. Create one: tenant-schemas create-tenant\n',
      err: '',
    });
    expect(await fleet.cli('list-tenants', '--json')).toEqual({ code: 0, out: '[]\n', err: '' });
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
    expect(await fleet.cli('migrations-status')).toEqual({
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
    await fleet.forget('two');
    expect(await fleet.cli('migrations-status')).toEqual({
      code: 1,
      out: [
        `public: up to date (${SHARED.length} applied)`,
        `one: up to date (${TENANT.length} applied)`,
        `two: 0 applied, ${TENANT.length} pending: ${TENANT.join(', ')}`,
        '',
      ].join('\n'),
      err: 'Behind: two. Run: tenant-schemas migrate-schemas\n',
    });
    const { code, out } = await fleet.cli('migrations-status', '--json');
    expect({ code, status: JSON.parse(out) as unknown }).toEqual({
      code: 1,
      status: [
        upToDate('public', SHARED),
        upToDate('one'),
        { schema: 'two', applied: 0, pending: TENANT, unknown: [] },
      ],
    });
    expect((await fleet.cli('migrations-status', '--schema', 'one')).code).toBe(0);
  });

  it('exits 1 while a schema is ahead, naming what this code does not know', async () => {
    await fleet.database.sql(
      `INSERT INTO one.${MIGRATIONS_TABLE} (name) VALUES ('Newer1900000000000');
       COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS 'tenant-schemas ledger of a newer version'`,
    );
    expect(await fleet.cli('migrations-status', '--schema', 'one')).toEqual({
      code: 1,
      out: `one: ${TENANT.length + 1} applied, ahead by 1: Newer1900000000000\n`,
      err: 'Ahead: one. Deploy the version that has their migrations.\n',
    });
  });

  it('reports only the shared schema while the list of tenants does not exist', async () => {
    await fleet.database.sql(
      `ALTER TABLE public.clients RENAME TO later;
       ALTER TABLE public.${MIGRATIONS_TABLE} RENAME TO ledger_later`,
    );
    try {
      expect(await fleet.cli('migrations-status')).toEqual({
        code: 1,
        out: `public: 0 applied, ${SHARED.length} pending: ${SHARED.join(', ')}\n`,
        err: 'Behind: public. Run: tenant-schemas migrate-schemas\n',
      });
    } finally {
      await fleet.database.sql(
        `ALTER TABLE public.later RENAME TO clients;
         ALTER TABLE public.ledger_later RENAME TO ${MIGRATIONS_TABLE}`,
      );
    }
  });

  it('visits only the schemas whose fingerprint differs', async () => {
    const statements = (): Promise<number> =>
      countStatements(async () => {
        for await (const { schema } of fleet.schemas.migrator.statusOfAll()) {
          expect(schema).not.toBe('');
        }
      });
    const few = await statements();
    await fleet.create('three', 'four', 'five');
    expect(await statements()).toBe(few);
    await fleet.forget('three');
    expect(await statements()).toBeGreaterThan(few);
  });
});
