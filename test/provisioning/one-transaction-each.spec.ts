// A history that applies to existing tenants one migration at a time applies to a new tenant, to a clone and to the
// doctor's reference as well: what a COMMIT between two migrations settles is settled there too.
import type { DataSource } from 'typeorm';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf } from '../schemas/support.js';
import { clone, findings, live, T } from './support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

const TEMPORARY = [
  'CREATE TEMP TABLE mapping ON COMMIT DROP AS SELECT 1 AS a',
  `INSERT INTO ${T}.p SELECT a, a FROM mapping ON CONFLICT DO NOTHING`,
];

it.each([
  [
    'deferred checks',
    [
      migration(
        1,
        `CREATE TABLE ${T}.a (id int PRIMARY KEY)`,
        `CREATE TABLE ${T}.b (id int PRIMARY KEY, a_id int REFERENCES ${T}.a DEFERRABLE INITIALLY DEFERRED)`,
        `INSERT INTO ${T}.a VALUES (1)`,
        `INSERT INTO ${T}.b VALUES (1, 1)`,
      ),
      migration(2, `ALTER TABLE ${T}.b ADD COLUMN note text`),
    ],
  ],
  [
    'temporary tables that go at a commit',
    [
      migration(1, `CREATE TABLE ${T}.p (id int PRIMARY KEY, n int)`),
      migration(2, ...TEMPORARY),
      migration(3, ...TEMPORARY),
    ],
  ],
  [
    'new values of an enum',
    [
      migration(
        1,
        `CREATE TYPE ${T}.mood AS ENUM ('sad')`,
        `CREATE TABLE ${T}.p (id int, mood ${T}.mood)`,
      ),
      migration(2, `ALTER TYPE ${T}.mood ADD VALUE 'happy'`),
      migration(3, `INSERT INTO ${T}.p VALUES (1, 'happy')`),
    ],
  ],
] as const)('applies to new tenants what applied to old ones: %s', async (_what, history) => {
  const lived = await live(dataSource, history);
  const { provisioner } = schemasOf(dataSource, history);
  await provisioner.create(newClient('fresh'));
  await clone(dataSource, history, lived, 'copied');
  expect(await findings(dataSource, history)).toEqual([]);
  expect(await database.sql(`SELECT nspname FROM pg_namespace WHERE nspname ~ '^doctor_'`)).toEqual(
    [],
  );
});

it('runs each migration once, whether it needs answers or fails', async () => {
  const calls: string[] = [];
  const counted = (second: number, ...statements: string[]): ReturnType<typeof migration> =>
    class extends (migration(second, ...statements) as new () => {
      up(runner: never): Promise<void>;
    }) {
      name = `Step${1_700_000_000_000 + second * 1000}`;

      override async up(runner: never): Promise<void> {
        calls.push(`up ${second}`);
        await super.up(runner);
      }

      async down(): Promise<void> {}
    } as never;
  const history = [
    counted(1, `CREATE TABLE ${T}.p (id int)`),
    counted(2, 'SELECT 1', `INSERT INTO ${T}.p VALUES (1)`),
    counted(3, `CREATE TABLE ${T}.p (id int)`),
  ];
  await expect(
    schemasOf(dataSource, history).provisioner.create(newClient('fresh')),
  ).rejects.toMatchObject({ migration: 'Step1700000003000', state: 'removed' });
  expect(calls).toEqual(['up 1', 'up 2', 'up 3']);
  calls.length = 0;
  await expect(live(dataSource, history, 'other')).rejects.toThrow('already exists');
  expect(calls).toEqual(['up 1', 'up 2', 'up 3']);
});
