// The scratch database of a generation, what is refused and why, and what generated source says and is called.
import { EntitySchema, type QueryRunner } from 'typeorm';
import {
  generateMigration,
  MigrationFailedError,
  TENANT_SCHEMA,
  TenancyOptionsError,
} from '../../src/index.js';
import { country, ENTITIES, type Row, tag } from './generate-entities.js';
import {
  createRole,
  database,
  generate,
  generated,
  migration,
  NOW,
  scratchDatabases,
  urlOf,
  useGenerator,
} from './generate-support.js';

useGenerator();

describe('the scratch database', () => {
  it('exists while a migration of the history runs, with an empty search path', async () => {
    const seen: unknown[] = [];
    const look = migration(`Look${NOW - 1}`, async (queryRunner) => {
      const [row] = await queryRunner.query(
        `SELECT current_database() AS name, current_setting('search_path') AS path`,
      );
      seen.push(row, await scratchDatabases());
    });
    await generate('shared', { shared: [look] });
    const name = expect.stringMatching(/^tenant_schemas_scratch_[0-9a-f]{16}$/);
    expect(seen).toEqual([{ name, path: '""' }, [name]]);
  });

  it.each([
    ['shared', 'public'],
    ['tenant', TENANT_SCHEMA],
  ] as const)('is gone after a %s migration failed, which is named', async (history, schema) => {
    const fail = migration(`Fail${NOW}`, (queryRunner) =>
      queryRunner.query('SELECT no_such_column'),
    );
    const failing = generate('shared', { [history]: [fail] });
    await expect(failing).rejects.toBeInstanceOf(MigrationFailedError);
    await expect(failing).rejects.toMatchObject({ migration: `Fail${NOW}`, schema });
  });

  it('fails a migration that does not say in which schema', async () => {
    const forgot = migration(`Forgot${NOW}`, (queryRunner) =>
      queryRunner.query('CREATE TABLE t ()'),
    );
    await expect(generate('tenant', { tenant: [forgot] })).rejects.toThrow(
      `Migration Forgot${NOW} failed in schema "${TENANT_SCHEMA}": no schema has been selected to create in`,
    );
  });

  it('belongs to one generation, so that several can run at once', async () => {
    const all = await Promise.all([generate('shared'), generate('shared'), generate('shared')]);
    const [one] = all;
    expect(one?.source).toContain('CREATE TABLE "public"."countries"');
    expect(all).toEqual([one, one, one]);
  });

  it('is asked for by name of the right that a login lacks', async () => {
    const poor = await createRole('NOCREATEDB');
    try {
      const options = { entities: ENTITIES, sharedMigrations: [], tenantMigrations: [] };
      await expect(
        generateMigration('shared', 'AddCountries', { ...options, url: urlOf(poor) }),
      ).rejects.toThrow('ALTER ROLE <login> CREATEDB');
    } finally {
      await database.sql(`DROP ROLE ${poor}`);
    }
  });
});

describe('a migration in two forms', () => {
  it('is applied in the one for new schemas, in its transaction', async () => {
    const { Migration } = await generated('tenant', { entities: [tag] });
    class AddTagIndex1700000000001 {
      readonly name = `AddTagIndex${NOW + 1}`;
      readonly transaction = false;
      up(): Promise<void> {
        return Promise.reject(new Error('CONCURRENTLY'));
      }
      async upInNewSchema(queryRunner: QueryRunner): Promise<void> {
        expect(queryRunner.isTransactionActive).toBe(true);
        await queryRunner.query(`CREATE INDEX tags_label ON "${TENANT_SCHEMA}".tags (label)`);
      }
      async down(): Promise<void> {}
    }
    const indexed = new EntitySchema<Row>({
      ...tag.options,
      indices: [{ name: 'tags_label', columns: ['label'] }],
    });
    const tenant = [Migration, AddTagIndex1700000000001];
    expect(await generate('tenant', { entities: [indexed], tenant })).toBeUndefined();
    // Control: without that migration the index is what is missing.
    const missing = await generate('tenant', { entities: [indexed], tenant: [Migration] });
    expect(missing?.source).toContain('CREATE INDEX "tags_label" ON "__tenant__"."tags"');
  });
});

describe('what is refused', () => {
  it.each(['', '1st', 'Add-Polls', 'AddPolls;', 'Añadir', '../AddPolls'])(
    'the name %p, before anything is sent',
    async (name) => {
      const options = { url: 'postgres://nowhere.invalid/x', entities: [] };
      const refused = generateMigration('tenant', name, {
        ...options,
        sharedMigrations: [],
        tenantMigrations: [],
      });
      await expect(refused).rejects.toBeInstanceOf(TenancyOptionsError);
      await expect(refused).rejects.toThrow('generateMigration: name must be letters');
    },
  );

  it('a shared entity that refers to a tenant’s', async () => {
    const misled = new EntitySchema<Row>({
      ...country.options,
      relations: { tag: { type: 'many-to-one', target: 'Tag' } },
    });
    await expect(generate('shared', { entities: [misled, tag] })).rejects.toThrow(
      'Shared entity Country refers to Tag',
    );
  });

  it('a difference that would come back after every migration', async () => {
    const sum = new EntitySchema<Row>({
      ...tag.options,
      columns: { ...tag.options.columns, weight: { type: Number, default: () => '1+1' } },
    });
    await expect(generate('tenant', { entities: [sum] })).rejects.toThrow(
      /TypeORM would write ALTER TABLE "__tenant__"\."tags" .*again after this migration, every time/,
    );
  });
});

it('says in the result and in the source when TypeORM’s down does not run', async () => {
  const values = (...list: string[]): EntitySchema<Row> =>
    new EntitySchema<Row>({
      ...tag.options,
      columns: { ...tag.options.columns, kind: { type: 'enum', enum: list, default: 'a' } },
    });
  const first = await generated('tenant', { entities: [values('a')] });
  const state = { entities: [values('a', 'b')], tenant: [first.Migration] };
  const second = await generated('tenant', state);
  const problem = /^default for column "kind" cannot be cast automatically .* in ALTER TABLE/;
  expect(second.downProblem).toMatch(problem);
  expect(second.source).toContain(
    `  async down(queryRunner: QueryRunner): Promise<void> {
    // Correct this SQL. It fails: ${second.downProblem}
`,
  );
  // Control: one that runs says nothing.
  expect(first.downProblem).toBeUndefined();
  expect(first.source).not.toContain('//');
});

describe('the name', () => {
  it('gets a timestamp after the newest of its history, and a capital', async () => {
    const ahead = migration(`Ahead${NOW + 5000}`, async () => undefined);
    const behind = migration(`Behind${NOW - 5000}`, async () => undefined);
    const state = { entities: [tag], tenant: [ahead, behind] };
    expect(await generate('tenant', state, 'addTags')).toMatchObject({
      name: `AddTags${NOW + 5001}`,
      fileName: `${NOW + 5001}-add-tags.ts`,
    });
    const older = { entities: [tag], tenant: [behind] };
    expect(await generate('tenant', older, 'AddTags')).toMatchObject({ name: `AddTags${NOW}` });
  });
});
