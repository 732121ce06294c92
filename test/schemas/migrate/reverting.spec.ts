// Reverting many tenants: it is the newest migration of them all that is taken back, so that those who never had it keep
// what they have, and a run that broke off can be done again.
import type { DataSource } from 'typeorm';
import { MIGRATIONS_TABLE, type SchemaSelection } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

const [ONE, TWO, THREE] = [1, 2, 3].map((second) => migration(second));
const history = [ONE, TWO, THREE].flatMap((each) => each ?? []);
const STEP = (second: number): string => `Step${1_700_000_000_000 + second * 1000}`;

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  // As a run leaves them that was interrupted after the first.
  await schemasOf(dataSource, history).provisioner.create(newClient('first'));
  await schemasOf(dataSource, history.slice(0, 2)).provisioner.create(newClient('second'));
  await schemasOf(dataSource, history.slice(0, 1)).provisioner.create(newClient('third'));
  await schemasOf(dataSource, []).provisioner.create(newClient('without'));
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function revert(
  selection: SchemaSelection,
  steps: number,
): Promise<Record<string, readonly string[]>> {
  const { migrator } = schemasOf(dataSource, history);
  const reverted: Record<string, readonly string[]> = {};
  for await (const { schema, status, versions } of migrator.revertAll(selection, steps)) {
    expect(status).toBe(versions.length > 0 ? 'reverted' : 'skipped');
    reverted[schema] = versions;
  }
  return reverted;
}

const all = { tenants: true };

it('takes the newest back where it is, and then the one before it', async () => {
  const none = { second: [], third: [], without: [] };
  expect(await revert(all, 1)).toEqual({ ...none, first: [STEP(3)] });
  expect(await revert(all, 1)).toEqual({ ...none, first: [STEP(2)], second: [STEP(2)] });
  const last = [STEP(1)];
  expect(await revert(all, 1)).toEqual({ first: last, second: last, third: last, without: [] });
  expect(await revert(all, 1)).toEqual({ ...none, first: [] });
});

it('takes as many steps back from the newest on, each tenant as far as it had come', async () => {
  expect(await revert(all, 2)).toEqual({
    first: [STEP(3), STEP(2)],
    second: [STEP(2)],
    third: [],
    without: [],
  });
  expect(await revert(all, 1000)).toMatchObject({ first: [STEP(1)], third: [STEP(1)] });
});

it('goes by those that are chosen, whatever the others have', async () => {
  expect(await revert({ schemas: ['second', 'third'] }, 1)).toEqual({
    second: [STEP(2)],
    third: [],
  });
});

it('takes one that is half done for begun', async () => {
  await database.sql(`UPDATE first.${MIGRATIONS_TABLE} SET applied_at = NULL WHERE name = $1`, [
    STEP(3),
  ]);
  await database.sql(`COMMENT ON TABLE first.${MIGRATIONS_TABLE} IS 'ledger 2'`);
  expect(await revert(all, 1)).toMatchObject({ first: [STEP(3)], second: [] });
});

it('leaves a tenant with a migration that the code does not have as it is, with an error', async () => {
  await database.sql(`INSERT INTO third.${MIGRATIONS_TABLE} (name) VALUES ('Later1700000009000')`);
  await database.sql(`COMMENT ON TABLE third.${MIGRATIONS_TABLE} IS 'ledger later'`);
  const { migrator } = schemasOf(dataSource, history);
  const outcomes: string[] = [];
  for await (const { schema, status } of migrator.revertAll(all, 1)) {
    outcomes.push(`${schema} ${status}`);
  }
  expect(outcomes.toSorted()).toEqual([
    'first reverted',
    'second skipped',
    'third failed',
    'without skipped',
  ]);
});
