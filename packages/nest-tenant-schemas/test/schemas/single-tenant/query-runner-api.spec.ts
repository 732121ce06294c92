// Migrations of a single-tenant application by the methods of TypeORM's query runner, with and without `schema: 'public'`.
import {
  EntitySchema,
  type QueryRunner,
  Table,
  TableColumn,
  TableForeignKey,
  TableIndex,
  View,
} from 'typeorm';
import { singleTenantMigrations } from '../../../src/index.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

interface UserRow {
  id: number;
  name: string;
}

/** The application's entity. Its table has the schema of the DataSource. */
const User = new EntitySchema<UserRow>({
  name: 'User',
  tableName: 'user',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    name: { type: 'text' },
  },
});

const single = useSingleTenant([User]);

const ID = { name: 'id', type: 'int', isPrimary: true, isGenerated: true } as const;

describe.each([
  ['without a schema', undefined, ''],
  ['with the schema public', 'public', 'public.'],
])('%s', (_, schema, prefix) => {
  const inSchema = schema === undefined ? {} : { schema };

  async function up(queryRunner: QueryRunner): Promise<void> {
    expect(await queryRunner.hasTable(`${prefix}user`)).toBe(false);
    await queryRunner.createTable(
      new Table({
        name: 'user',
        ...inSchema,
        columns: [
          ID,
          { name: 'role', type: 'enum', enum: ['admin', 'user'], default: `'user'` },
          { name: 'token', type: 'uuid', isGenerated: true, generationStrategy: 'uuid' },
        ],
      }),
      true,
    );
    await queryRunner.createTable(
      new Table({ name: 'post', ...inSchema, columns: [ID, { name: 'author', type: 'int' }] }),
    );
    await queryRunner.addColumn(
      `${prefix}user`,
      new TableColumn({ name: 'name', type: 'varchar', isNullable: true }),
    );
    await queryRunner.changeColumn(
      `${prefix}user`,
      'name',
      new TableColumn({ name: 'name', type: 'text', isNullable: true, isUnique: true }),
    );
    await queryRunner.createIndex(
      `${prefix}post`,
      new TableIndex({ name: 'by_author', columnNames: ['author'] }),
    );
    await queryRunner.createForeignKey(
      `${prefix}post`,
      new TableForeignKey({
        columnNames: ['author'],
        referencedTableName: 'user',
        ...(schema !== undefined && { referencedSchema: schema }),
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      }),
    );
    const table = await queryRunner.getTable(`${prefix}post`);
    expect(table?.foreignKeys).toMatchObject([
      { referencedTableName: expect.stringContaining('user') },
    ]);
    await queryRunner.renameTable(`${prefix}post`, 'article');
    await queryRunner.renameColumn(`${prefix}article`, 'author', 'writer');
    await queryRunner.createView(
      new View({ name: `${prefix}names`, expression: `SELECT id FROM ${prefix}"user"` }),
      true,
    );
    const users = queryRunner.manager.getRepository(User);
    await users.save({ name: 'public.user' });
    expect(await users.countBy({ name: 'public.user' })).toBe(1);
    expect(await queryRunner.hasColumn(`${prefix}article`, 'writer')).toBe(true);
  }

  async function down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropView(`${prefix}names`);
    const table = await queryRunner.getTable(`${prefix}article`);
    await queryRunner.dropForeignKeys(`${prefix}article`, table?.foreignKeys ?? []);
    await queryRunner.dropIndex(`${prefix}article`, 'by_author').catch(() => undefined);
    await queryRunner.dropTable(`${prefix}article`);
    await queryRunner.dropColumn(`${prefix}user`, 'role');
    await queryRunner.dropTable(`${prefix}user`, true);
  }

  it('creates, changes, reads and drops tables of the tenant', async () => {
    await single.database.sql(
      'CREATE TABLE public.post (old int); CREATE TABLE public.user (old int)',
    );
    const history = singleTenantMigrations([migration(1, up, down)]);
    await single.create(history, 'one');
    await single.create(history, 'two');
    const ofPublic = ['public.post', 'public.user'];
    expect(await single.tables()).toEqual([
      'one.article',
      'one.typeorm_metadata',
      'one.user',
      ...ofPublic,
      'two.article',
      'two.typeorm_metadata',
      'two.user',
    ]);
    expect(await single.database.sql('SELECT name, role::text FROM two.user')).toEqual([
      { name: 'public.user', role: 'user' },
    ]);
    const { migrator } = await single.schemasOf(history);
    for await (const { error } of migrator.revertAll({}, 1)) expect(error).toBeUndefined();
    expect(await single.tables()).toEqual([
      'one.typeorm_metadata',
      ...ofPublic,
      'two.typeorm_metadata',
    ]);
    expect(await single.database.sql('SELECT FROM one.typeorm_metadata')).toEqual([]);
  });
});
