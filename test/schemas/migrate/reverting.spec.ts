// Reverting many tenants. A run reverts the newest migration of all tenants. Tenants without this migration keep theirs, and an
// interrupted run can be repeated.
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

it('considers only the chosen schemas', async () => {
  expect(await revert({ schemas: ['second', 'third'] }, 1)).toEqual({
    second: [STEP(2)],
    third: [],
  });
});

it('treats an incomplete migration as the newest one', async () => {
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

describe('a migration that was applied after one with a later timestamp', () => {
  const fail = async (schemas: string[] | undefined, steps: number): Promise<unknown[]> => {
    const { migrator } = schemasOf(dataSource, history);
    const results: unknown[] = [];
    for await (const { schema, status, versions, error } of migrator.revertAll(
      schemas ? { schemas } : all,
      steps,
    )) {
      if (status === 'failed') results.push([schema, versions, error?.message]);
    }
    return results;
  };

  beforeEach(async () => {
    // Two branches were merged: the second migration came after the third.
    const merged = schemasOf(dataSource, [history[0], history[2]] as typeof history);
    await merged.provisioner.create(newClient('merged'));
    await merged.provisioner.create(newClient('behind'));
    const { migrator } = schemasOf(dataSource, history);
    for await (const { error } of migrator.migrateAll({ schemas: ['merged'] })) {
      if (error) throw error;
    }
  });

  it('is the first to be reverted, and then the other one', async () => {
    expect(await revert({ schemas: ['merged'] }, 2)).toEqual({ merged: [STEP(2), STEP(3)] });
  });

  it('is alone reverted in one step, also if other tenants do not have it', async () => {
    expect(await revert({ schemas: ['merged', 'behind'] }, 1)).toEqual({
      merged: [STEP(2)],
      behind: [],
    });
    expect(await revert({ schemas: ['merged', 'behind'] }, 1)).toEqual({
      merged: [STEP(3)],
      behind: [STEP(3)],
    });
  });

  it('is reported in a tenant that has both in the other order', async () => {
    const failed = await fail(['merged', 'first'], 1);
    expect(failed).toEqual([
      [
        'first',
        [],
        `Migration ${STEP(2)} was not reverted in schema "first", because ${STEP(3)} was applied after it. ` +
          'To revert both, run: tenant-schemas revert-schemas --schema first --steps 2',
      ],
    ]);
    expect(await revert({ schemas: ['first'] }, 2)).toEqual({ first: [STEP(3), STEP(2)] });
  });

  it('is reverted with the other one in every tenant that has both', async () => {
    expect(await revert(all, 2)).toEqual({
      first: [STEP(3), STEP(2)],
      merged: [STEP(2), STEP(3)],
      second: [STEP(2)],
      behind: [STEP(3)],
      third: [],
      without: [],
    });
  });
});
