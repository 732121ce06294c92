// A tenant that was restored from a dump, as docs/guides/backups.md says, has the structure that it had: the doctor finds
// nothing, and it can be cloned. What is really another structure is found as before.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Client } from '../../src/clients/client.entity.js';
import { readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { POSTGRES_15 } from 'test-support/throw-away.js';
import { everything, rows } from './clone/clone-support.js';
import { collect, doctorFor } from './doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf } from './support.js';

const T = '"__tenant__"';

const IN = (column: string): string => `${column} IN ('member', 'admin')`;

const PARSED = migration(
  4,
  `CREATE DOMAIN ${T}.role AS varchar(10) DEFAULT lower('MEMBER'::varchar) CHECK (VALUE IN ('member', 'admin'))`,
  `CREATE FUNCTION ${T}.is_known(role varchar, known varchar[] DEFAULT ARRAY['member', 'admin']::varchar[]) RETURNS boolean
     LANGUAGE sql IMMUTABLE RETURN (${IN('role')} AND role = ANY (known))`,
  `CREATE TABLE ${T}.users (
     id int PRIMARY KEY,
     role varchar(10) DEFAULT ('mem' || 'ber'::varchar)::varchar CHECK (${IN('role')}),
     kind ${T}.role,
     n int CHECK (n BETWEEN 1 AND 5 AND id > 0),
     day date CHECK (day BETWEEN '2020-01-01' AND '2030-01-01' AND day NOT IN ('2020-02-02', '2020-02-03')),
     range int4range,
     is_staff boolean GENERATED ALWAYS AS (${IN('role')}) STORED,
     EXCLUDE USING gist (range WITH &&) WHERE (${IN('role')}))`,
  `CREATE INDEX staff ON ${T}.users (n) WHERE ${IN('role')}`,
  `CREATE UNIQUE INDEX by_staff ON ${T}.users ((${IN('role')}), id)`,
  `CREATE VIEW ${T}.staff_view AS SELECT id, CASE WHEN ${IN('role')} THEN 1 ELSE 2 END AS n FROM ${T}.users WHERE ${IN('role')}`,
  `CREATE MATERIALIZED VIEW ${T}.staff_kept AS SELECT id FROM ${T}.staff_view WHERE n BETWEEN 1 AND 2`,
  `ALTER TABLE ${T}.users ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY few ON ${T}.users USING (${IN('role')}) WITH CHECK (${IN('role')} AND n BETWEEN 1 AND 3)`,
  `CREATE TRIGGER sometimes BEFORE UPDATE ON ${T}.users FOR EACH ROW WHEN (${IN('NEW.role')} AND ${IN('OLD.role')})
     EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
  `CREATE RULE never AS ON DELETE TO ${T}.users WHERE ${IN('OLD.role')} DO INSTEAD NOTHING`,
  `CREATE STATISTICS ${T}.roles ON (${IN('role')}), n FROM ${T}.users`,
  `CREATE TABLE ${T}.parts (role varchar(10), n int CHECK (n BETWEEN 1 AND 5), CHECK (${IN('role')})) PARTITION BY LIST ((${IN('role')}))`,
  `CREATE TABLE ${T}.part PARTITION OF ${T}.parts FOR VALUES IN (true)`,
  `CREATE INDEX of_parts ON ${T}.parts (n) WHERE ${IN('role')}`,
);

const history = [...everything, PARSED];

let database: TestDatabase;
let dataSource: DataSource;
let acme: Client;

beforeAll(async () => {
  // pg_dump has to be of the server's version.
  if (globalThis.testServerName !== 'given') globalThis.testServerName = '15';
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  acme = newClient('acme');
  await schemasOf(dataSource, history).provisioner.create(acme);
  await database.sql(
    `${rows('acme')}; INSERT INTO acme.users VALUES (1, 'admin', 'admin', 2, '2024-01-01')`,
  );
});

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** The lines of docs/guides/backups.md. */
function restore(): void {
  const directory = mkdtempSync(join(tmpdir(), 'nts-dump-'));
  const file = join(directory, 'acme.sql');
  try {
    execFileSync(join(POSTGRES_15, 'pg_dump'), [
      '--schema=acme',
      `--file=${file}`,
      database.directUrl,
    ]);
    execFileSync(
      join(POSTGRES_15, 'psql'),
      [
        '--single-transaction',
        '-v',
        'ON_ERROR_STOP=1',
        '-c',
        'ALTER SCHEMA acme RENAME TO acme_before',
        '-f',
        file,
        database.directUrl,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    execFileSync(
      join(POSTGRES_15, 'psql'),
      ['-c', 'DROP SCHEMA acme_before CASCADE', database.directUrl],
      { stdio: 'ignore' },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const definitions = async (): Promise<string> =>
  JSON.stringify(
    await database.sql(
      `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'acme'::regnamespace ORDER BY 1`,
    ),
  );

it.each([1, 2, 3])('has the same structure after it was restored %i times', async (times) => {
  const before = await definitions();
  for (let time = 0; time < times; time++) restore();
  expect(await definitions()).not.toEqual(before);
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
  const { registry } = schemasOf(dataSource, history);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(acme, newClient('target'));
  expect(await database.sql('SELECT id, is_staff FROM target.users')).toEqual([
    { id: 1, is_staff: true },
  ]);
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
});

it.each([
  [
    'a CHECK',
    `ALTER TABLE acme.users DROP CONSTRAINT users_role_check, ADD CONSTRAINT users_role_check CHECK (role IN ('member', 'root', 'admin'))`,
    'users_role_check',
  ],
  [
    'a view',
    `CREATE OR REPLACE VIEW acme.staff_view AS SELECT id, 1 AS n FROM acme.users WHERE role IN ('member')`,
    'view staff_view',
  ],
  [
    'a policy',
    `ALTER POLICY few ON acme.users USING (role IN ('member', 'root'))`,
    'policy users.few',
  ],
])('still has another structure if %s is another one', async (_what, change, named) => {
  restore();
  await database.sql(change);
  const found = await collect(doctorFor(dataSource, history));
  expect(found).toMatchObject([
    { code: 'STRUCTURE_DIFFERS', problem: expect.stringContaining(named) },
  ]);
  expect(found[0]?.problem).not.toContain('users_n_check');
});
