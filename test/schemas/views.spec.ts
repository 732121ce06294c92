// Views, materialized views and stored generated columns. They are generated once like tables, and created in each tenant with
// TypeORM's record of them. A second generation finds no difference, `down` reverts them, and they work after a rename and a
// clone. (That a tenant reads its own rows through a view: packages/nest-tenant-schemas/test/tenancy/statements/views.spec.ts.)
import { type DataSource, EntitySchema } from 'typeorm';
import type { Client } from '../../src/clients/client.entity.js';
import {
  type MigrationClass,
  readHistory,
  SchemaDoctor,
  TenantCloner,
  tenantContext,
  TenantRenamer,
} from 'nest-tenant-schemas';
import { Observer, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import {
  country,
  type Row,
  tag,
} from '../../packages/nest-tenant-schemas/test/schemas/generate-entities.js';
import {
  generate,
  generated,
  migration as byHand,
  NOW,
  statementsOf,
  useGenerator,
} from '../../packages/nest-tenant-schemas/test/schemas/generate-support.js';
import { newClient, openSchemas, schemasOf } from './support.js';
import {
  ENTITIES,
  namesake,
  person,
  ShorterRoster,
} from '../../packages/nest-tenant-schemas/test/schemas/views-entities.js';

const T = '"__tenant__"';

useGenerator();

describe('what is generated', () => {
  it('makes TypeORM’s table first and needs no parameters', async () => {
    const { source, downProblem, ...made } = await generated('tenant', { entities: ENTITIES });
    expect(downProblem).toBeUndefined();
    const statements = statementsOf({ source, downProblem, ...made });
    expect(statements[0]).toMatch(/^CREATE TABLE "__tenant__"\."typeorm_metadata" /);
    expect(statements[1]).toBe('ALTER TABLE "__tenant__"."typeorm_metadata" REPLICA IDENTITY FULL');
    expect(statements.at(-1)).toBe('DROP TABLE "__tenant__"."typeorm_metadata"');
    expect(statements).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/GENERATED ALWAYS AS \(first \|\| ' ' \|\| last\) STORED/),
        expect.stringMatching(
          /^CREATE VIEW "__tenant__"\."namesakes" AS SELECT .*"people" "person"/,
        ),
        expect.stringMatching(/^CREATE MATERIALIZED VIEW "__tenant__"\."roster" /),
        expect.stringMatching(/^CREATE UNIQUE INDEX "roster_id" /),
        expect.stringMatching(/^INSERT INTO "__tenant__"\."typeorm_metadata"/),
        expect.stringMatching(/^DELETE FROM "__tenant__"\."typeorm_metadata"/),
      ]),
    );
    expect(source).toContain('current_database()');
    expect(source).not.toMatch(/\$\d|tenant_schemas_scratch/);
  });

  it('is nothing a second time, and only the difference after a change', async () => {
    const first = await generated('tenant', { entities: ENTITIES });
    const tenant = [first.Migration];
    expect(await generate('tenant', { entities: ENTITIES, tenant })).toBeUndefined();

    const entities = [person, namesake, ShorterRoster];
    const second = await generated('tenant', { entities, tenant }, 'ShorterRoster');
    expect(statementsOf(second).join('\n')).not.toMatch(/people" \(|TABLE .*typeorm_metadata/);
    tenant.push(second.Migration);
    expect(await generate('tenant', { entities, tenant })).toBeUndefined();
  });

  it('gives the table of an earlier version its replica identity with the next change of a view', async () => {
    const first = await generated('tenant', { entities: ENTITIES });
    const old = byHand(`Old${NOW}`, async (queryRunner) => {
      await new first.Migration().up(queryRunner);
      await queryRunner.query(`ALTER TABLE ${T}.typeorm_metadata REPLICA IDENTITY DEFAULT`);
    });
    const entities = [person, namesake, ShorterRoster];
    const second = await generated('tenant', { entities, tenant: [old] }, 'ShorterRoster');
    expect(statementsOf(second)[0]).toBe(
      'ALTER TABLE "__tenant__"."typeorm_metadata" REPLICA IDENTITY FULL',
    );
    expect(await generate('tenant', { entities, tenant: [old, second.Migration] })).toBeUndefined();
  });

  it('takes a column by hand that TypeORM has no record of for one that it has to make', async () => {
    const tenant = [
      byHand(`Tags${NOW}`, (queryRunner) =>
        queryRunner.query(
          `CREATE TABLE ${T}.tags (id serial PRIMARY KEY, label text GENERATED ALWAYS AS ('a') STORED NOT NULL)`,
        ),
      ),
    ];
    expect((await generate('tenant', { entities: [tag], tenant }))?.source).toContain('"label"');
  });

  it('is refused for shared entities, whose texts TypeORM would look for in a tenant', async () => {
    const shared = new EntitySchema<Row>({ ...namesake.options, schema: 'public' });
    await expect(generate('shared', { entities: [person, shared] })).rejects.toThrow(
      'The shared view Namesake is not supported',
    );
    const flag = { type: 'text', generatedType: 'STORED', asExpression: 'upper(code)' } as const;
    const { options } = country;
    const withFlag = new EntitySchema<Row>({ ...options, columns: { ...options.columns, flag } });
    await expect(generate('shared', { entities: [withFlag] })).rejects.toThrow(
      'The shared generated column Country.flag is not supported',
    );
  });
});

describe('in tenants', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let history: MigrationClass[];

  beforeAll(async () => {
    ({ database, dataSource } = await openSchemas());
    history = [(await generated('tenant', { entities: ENTITIES })).Migration];
  });

  afterEach(async () => {
    const { registry, provisioner } = schemasOf(dataSource, history);
    for await (const client of registry.all()) await provisioner.drop(client);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  /** A tenant with one person. */
  async function provisioned(schema: string): Promise<Client> {
    const client = newClient(schema);
    await schemasOf(dataSource, history).provisioner.create(client);
    await database.sql(`INSERT INTO ${schema}.people (first, last) VALUES ('Ada', '${schema}')`);
    return client;
  }

  const recorded = (schema: string): Promise<{ schema: string; value: string }[]> =>
    database.sql(
      `SELECT type, "database" = current_database() AS here, "schema", "table", name, value
       FROM ${schema}.typeorm_metadata ORDER BY type`,
    );

  it('are made by provisioning, with their record; a migration that is run later makes the same', async () => {
    await provisioned('one');
    const other = newClient('two');
    await schemasOf(dataSource, []).provisioner.create(other);
    const { migrator } = schemasOf(dataSource, history);
    expect(await migrator.migrateTenant(other)).toMatchObject({ status: 'applied' });

    expect(await recorded('one')).toMatchObject([
      { type: 'GENERATED_COLUMN', here: true, table: 'people', name: 'name' },
      { type: 'MATERIALIZED_VIEW', name: 'roster' },
      { type: 'VIEW', name: 'namesakes', value: expect.stringContaining('"one"."people"') },
    ]);
    const ofTwo = JSON.stringify(await recorded('two'));
    expect(JSON.parse(ofTwo.replaceAll('two', 'one'))).toEqual(await recorded('one'));
    expect(await database.sql('SELECT name FROM one.people')).toEqual([{ name: 'Ada one' }]);
    expect(await database.sql('SELECT * FROM one.namesakes')).toEqual([
      { last: 'one', people: '1' },
    ]);
  });

  it('are read back by TypeORM inside a tenant, by the tenant’s own record', async () => {
    const one = await provisioned('one');
    await provisioned('two');
    const expression = await tenantContext.run(one, async () => {
      const queryRunner = dataSource.createQueryRunner();
      try {
        const table = await queryRunner.getTable(`__tenant__.people`);
        return table?.findColumnByName('name')?.asExpression;
      } finally {
        await queryRunner.release();
      }
    });
    expect(expression).toBe(`first || ' ' || last`);
  });

  it('are reverted, and created again', async () => {
    const one = await provisioned('one');
    const { migrator } = schemasOf(dataSource, history);
    const results = [];
    for await (const result of migrator.revertAll({ schemas: ['one'] }, 1)) results.push(result);
    expect(results).toMatchObject([{ status: 'reverted' }]);
    expect(
      await database.sql(
        `SELECT relname FROM pg_class WHERE relnamespace = 'one'::regnamespace AND relkind IN ('r', 'v', 'm')`,
      ),
    ).toEqual([{ relname: 'tenant_schemas_ledger' }]);
    expect(await migrator.migrateTenant(one)).toMatchObject({ status: 'applied' });
    expect(await recorded('one')).toHaveLength(3);
  });

  it('follow a rename, their record with them', async () => {
    const one = await provisioned('one');
    const before = await recorded('one');
    const { registry } = schemasOf(dataSource, history);
    await new TenantRenamer(dataSource, registry).rename(one, { schema: 'fresh' });
    const record = JSON.stringify(await recorded('fresh'));
    expect(JSON.parse(record.replaceAll('fresh', 'one'))).toEqual(before);
    expect(await database.sql('SELECT * FROM fresh.namesakes')).toEqual([
      { last: 'one', people: '1' },
    ]);
    expect(await findings()).toEqual([]);
  });

  it('are in a clone, which has a record of its own and filled views', async () => {
    const one = await provisioned('one');
    await database.sql('REFRESH MATERIALIZED VIEW one.roster');
    const { registry } = schemasOf(dataSource, history);
    const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'test'));
    await cloner.clone(one, newClient('copy'));
    await cloner.clone(one, newClient('empty'), { withData: false });
    for (const schema of ['copy', 'empty']) {
      const record = JSON.stringify(await recorded(schema));
      expect(JSON.parse(record.replaceAll(schema, 'one'))).toEqual(await recorded('one'));
    }
    expect(await database.sql('SELECT line FROM copy.roster')).toEqual([
      { line: `it's \\ Ada one` },
    ]);
    expect(await database.sql('SELECT line FROM empty.roster')).toEqual([]);
    expect(await findings()).toEqual([]);
  });

  it('are changed, renamed, cloned, reverted and dropped under a publication of all tables', async () => {
    const superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
    await superuser.sql('CREATE PUBLICATION everything FOR ALL TABLES');
    try {
      const one = await provisioned('one');
      const entities = [person, namesake, ShorterRoster];
      const second = await generated('tenant', { entities, tenant: history }, 'ShorterRoster');
      const { migrator, registry } = schemasOf(dataSource, [...history, second.Migration]);
      expect(await migrator.migrateTenant(one)).toMatchObject({ status: 'applied' });
      await new TenantRenamer(dataSource, registry).rename(one, { schema: 'fresh' });
      const tenant = readHistory([...history, second.Migration], 'test');
      const fresh = { ...one, schema: 'fresh' };
      await new TenantCloner(dataSource, registry, tenant).clone(fresh, newClient('copy'));
      for await (const { status } of migrator.revertAll({}, 1)) expect(status).toBe('reverted');
    } finally {
      await superuser.sql('DROP PUBLICATION everything');
      await superuser.end();
    }
  });

  it('are replaced under a publication by a history of before the table had an identity', async () => {
    const old = byHand(`Old${NOW}`, async (queryRunner) => {
      for (const Migration of history) await new Migration().up(queryRunner);
      await queryRunner.query(`ALTER TABLE ${T}.typeorm_metadata REPLICA IDENTITY DEFAULT`);
    });
    const replacing = byHand(`Replacing${NOW + 1}`, (queryRunner) =>
      queryRunner.query(`DELETE FROM ${T}.typeorm_metadata WHERE "type" = $1`, ['VIEW']),
    );
    const superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
    await superuser.sql('CREATE PUBLICATION everything FOR ALL TABLES');
    try {
      const { provisioner } = schemasOf(dataSource, [old, replacing]);
      await provisioner.create(newClient('two'));
      expect(await database.sql(`SELECT FROM two.typeorm_metadata WHERE type = 'VIEW'`)).toEqual(
        [],
      );
    } finally {
      await superuser.sql('DROP PUBLICATION everything');
      await superuser.end();
    }
  });

  async function findings(): Promise<string[]> {
    const { registry } = schemasOf(dataSource, history);
    const tenant = readHistory(history, 'test');
    const doctor = new SchemaDoctor(dataSource, registry, { shared: [], tenant });
    const problems: string[] = [];
    for await (const { problem } of doctor.examine({ tenants: true })) problems.push(problem);
    return problems;
  }
});
