// A migration replaces what a warm connection's prepared statements rest on: types, tables, functions. No caller notices
// outside a transaction, nor where the statement begins one. Behind another statement of a transaction it fails with
// advice to try again, and the next try works.
import pg from 'pg';
import { type DataSource, EntitySchema, type Repository } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

// Behind a pooler none are prepared: prepared-statements.spec.ts.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

interface Ticket {
  id: number;
  state: string;
}

const TICKET = new EntitySchema<Ticket>({
  name: 'ticket',
  columns: { id: { type: Number, primary: true, generated: true }, state: { type: String } },
});

const TABLE = (type: string): string =>
  `CREATE TABLE tenant_a.ticket (id serial PRIMARY KEY, state ${type});`;

const ENUM = `CREATE TYPE tenant_a.state AS ENUM ('open', 'done');`;

/** Before, the migration, and values that fit before and after it. */
const CHANGES: Record<string, { before: string; change: string; values?: [string, string] }> = {
  // As TypeORM generates it for one more value.
  'an enum type is replaced': {
    before: ENUM + TABLE('tenant_a.state'),
    change: `ALTER TYPE tenant_a.state RENAME TO state_old;
             CREATE TYPE tenant_a.state AS ENUM ('open', 'done', 'late');
             ALTER TABLE tenant_a.ticket ALTER COLUMN state TYPE tenant_a.state USING state::text::tenant_a.state;
             DROP TYPE tenant_a.state_old`,
    values: ['open', 'late'],
  },
  'an enum type is replaced and the old one stays': {
    before: ENUM + TABLE('tenant_a.state'),
    change: `ALTER TYPE tenant_a.state RENAME TO state_old;
             CREATE TYPE tenant_a.state AS ENUM ('open', 'done');
             ALTER TABLE tenant_a.ticket ALTER COLUMN state TYPE tenant_a.state USING state::text::tenant_a.state`,
  },
  'a domain is replaced': {
    before: `CREATE DOMAIN tenant_a.state AS text CHECK (VALUE <> ''); ${TABLE('tenant_a.state')}`,
    change: `ALTER TABLE tenant_a.ticket ALTER COLUMN state TYPE text; DROP DOMAIN tenant_a.state`,
  },
  'a composite type is replaced': {
    before: `CREATE TYPE tenant_a.state AS (a text); ${TABLE('tenant_a.state')}`,
    change: `ALTER TABLE tenant_a.ticket DROP COLUMN state; DROP TYPE tenant_a.state;
             CREATE TYPE tenant_a.state AS (a text); ALTER TABLE tenant_a.ticket ADD COLUMN state tenant_a.state`,
    values: ['(open)', '(done)'],
  },
  'the table is made again': {
    before: TABLE('text'),
    change: `DROP TABLE tenant_a.ticket; ${TABLE('varchar(20)')}`,
  },
  'the column has another type': {
    before: TABLE('text'),
    change: 'ALTER TABLE tenant_a.ticket ALTER COLUMN state TYPE int USING 0',
    values: ['1', '2'],
  },
  'a function in a default and a trigger is replaced': {
    before: `${TABLE('text')}
      CREATE FUNCTION tenant_a.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER t BEFORE INSERT ON tenant_a.ticket FOR EACH ROW EXECUTE FUNCTION tenant_a.f()`,
    change: `DROP FUNCTION tenant_a.f CASCADE;
      CREATE FUNCTION tenant_a.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id = NEW.id; RETURN NEW; END $$;
      CREATE TRIGGER t BEFORE INSERT ON tenant_a.ticket FOR EACH ROW EXECUTE FUNCTION tenant_a.f()`,
  },
};

const WAYS: Record<string, (tickets: Repository<Ticket>, state: string) => Promise<unknown>> = {
  insert: (tickets, state) => tickets.insert({ state }),
  save: (tickets, state) => tickets.save({ state }),
  update: (tickets, state) => tickets.update({ id: 1 }, { state }),
  'raw SQL': (tickets, state) =>
    tickets.query(`INSERT INTO "${TENANT_SCHEMA}".ticket (state) VALUES ($1)`, [state]),
};

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

beforeEach(async () => {
  dataSource = await openTenantDataSource(database, { entities: [TICKET] });
});

afterEach(async () => {
  await dataSource.destroy();
  await database.sql(
    `DROP TABLE tenant_a.ticket; DROP FUNCTION IF EXISTS tenant_a.f; DROP TYPE IF EXISTS tenant_a.state, tenant_a.state_old`,
  );
});

afterAll(() => database.drop());

const inA = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(A, work);

describeDirect.each(Object.entries(CHANGES))('when %s', (_change, { before, change, values }) => {
  const [first, second] = values ?? ['open', 'done'];

  it.each(Object.entries(WAYS))('writes on by %s', async (_way, write) => {
    await database.sql(before);
    const tickets = dataSource.getRepository(TICKET);
    for (let times = 0; times < 3; times++) await inA(() => write(tickets, first));
    await database.sql(change);
    for (let times = 0; times < 4; times++) await inA(() => write(tickets, second));
    expect(poolOf(dataSource).totalCount).toBe(1);
  });

  it.each([
    ['as its first statement', []],
    ['behind another statement', ['SELECT 1']],
  ])('writes on in a transaction, %s', async (_place, ahead) => {
    await database.sql(before);
    const write = (state: string, fail = false): Promise<unknown> =>
      inA(() =>
        dataSource.transaction('REPEATABLE READ', async (manager) => {
          for (const statement of ahead) await manager.query(statement);
          await manager.insert(TICKET, { state });
          if (fail) throw new Error('undo');
          return manager.query('SHOW transaction_isolation');
        }),
      );
    const repeatable = [{ transaction_isolation: 'repeatable read' }];
    for (let times = 0; times < 3; times++) expect(await write(first)).toEqual(repeatable);
    await database.sql(change);
    const count = async (): Promise<unknown> => database.sql('SELECT FROM tenant_a.ticket');
    const stored = await count();
    await expect(write(second, true)).rejects.toThrow(ahead.length > 0 ? /undo|changed/ : 'undo');
    expect(await count()).toEqual(stored);
    for (let times = 0; times < 4; times++) expect(await write(second)).toEqual(repeatable);
  });
});

describeDirect('after an error that is none of the preparation', () => {
  it('runs a statement that has begun only once', async () => {
    await database.sql(`${TABLE('text')} CREATE SEQUENCE tenant_a.runs;
      CREATE FUNCTION tenant_a.fail(n int) RETURNS int LANGUAGE plpgsql AS
      $$ BEGIN PERFORM nextval('tenant_a.runs'); IF n = 0 THEN EXECUTE 'SELECT missing'; END IF; RETURN n; END $$`);
    const call = (n: number): Promise<unknown> =>
      inA(() => dataSource.query(`SELECT "${TENANT_SCHEMA}".fail($1) AS n`, [n]));
    for (let times = 0; times < 3; times++) await call(1);
    await expect(call(0)).rejects.toMatchObject({ code: '42703' });
    expect(await database.sql('SELECT last_value::int AS n FROM tenant_a.runs')).toEqual([
      { n: 4 },
    ]);
    await database.sql('DROP FUNCTION tenant_a.fail; DROP SEQUENCE tenant_a.runs');
  });

  it('reports a wrong value as it is, and reads on', async () => {
    await database.sql(TABLE('text'));
    const find = (id: unknown): Promise<unknown> =>
      inA(() => dataSource.query(`SELECT id FROM "${TENANT_SCHEMA}".ticket WHERE id = $1`, [id]));
    for (let times = 0; times < 3; times++) await find(1);
    for (let times = 0; times < 3; times++) {
      await expect(find('x')).rejects.toMatchObject({ code: '22P02' });
    }
    expect(await find(1)).toEqual([]);
  });
});

it('control: the server refuses a statement that it keeps, by its name', async () => {
  const { before, change } = CHANGES['an enum type is replaced'] as {
    before: string;
    change: string;
  };
  await database.sql(before);
  const client = new pg.Client({ connectionString: database.directUrl });
  await client.connect();
  const insert = {
    name: 'kept',
    text: 'INSERT INTO tenant_a.ticket (state) VALUES ($1)',
    values: ['open'],
  };
  await client.query(insert);
  await database.sql(change);
  await expect(client.query(insert)).rejects.toMatchObject({ code: 'XX000' });
  await client.end();
});
