// Migrations are generated for a history of a single-tenant application in its own style, so that its tools still read them.
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  type GeneratedMigration,
  generateMigration,
  loadTenantMigrations,
  type MigrationClass,
  singleTenantMigrations,
} from '../../../src/index.js';
import { country, type Row } from '../generate-entities.js';
import { evaluate, generated as generatedOf, url, useGenerator } from '../generate-support.js';

type TypeOrmMigration = new () => MigrationInterface;

class CreateUser1715028537217 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"');
    await queryRunner.query(`CREATE TYPE "public"."role" AS ENUM ('member', 'admin')`);
    await queryRunner.query(
      `CREATE TABLE "user" ("id" uuid NOT NULL DEFAULT uuid_generate_v4(), "role" "public"."role" NOT NULL DEFAULT 'member',
         CONSTRAINT "PK_cace4a159ff9f2512dd42373760" PRIMARY KEY ("id"))`,
    );
  }

  async down(): Promise<void> {}
}

const USER = {
  name: 'user',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    role: { type: 'enum', enum: ['member', 'admin'], enumName: 'role', default: 'member' },
  },
} as const;
const AGE = { ...USER.columns, age: { type: 'int', nullable: true } } as const;

useGenerator();

async function generate(
  columns: object,
  migrations: readonly TypeOrmMigration[],
  others: readonly unknown[] = [],
  sharedMigrations: readonly MigrationClass[] = [],
): Promise<GeneratedMigration | undefined> {
  const tenantMigrations = await loadTenantMigrations(singleTenantMigrations(migrations), {
    options: { type: 'postgres' },
  });
  return generateMigration('tenant', 'AddAge', {
    url,
    entities: [new EntitySchema({ ...USER, columns } as never), ...others] as EntitySchema[],
    sharedMigrations,
    tenantMigrations,
  });
}

it('finds no difference in a history with functions of extensions and types of public', async () => {
  expect(await generate(USER.columns, [CreateUser1715028537217])).toBeUndefined();
});

it('writes a migration of the same application, which is complete', async () => {
  const generated = (await generate(AGE, [CreateUser1715028537217])) as GeneratedMigration;
  expect(generated).toMatchObject({ isSingleTenant: true, upStatements: 1 });
  expect(generated.source).toContain('ALTER TABLE "public"."user" ADD "age" integer');
  expect(generated.source).not.toContain('__tenant__');
  const history = [CreateUser1715028537217, evaluate(generated)];
  expect(await generate(AGE, history)).toBeUndefined();
});

it('writes a migration for tenants if it names a shared table', async () => {
  const pet = new EntitySchema<{ id: number; country: Row }>({
    name: 'pet',
    columns: { id: { type: 'int', primary: true } },
    relations: { country: { type: 'many-to-one', target: 'Country', joinColumn: true } },
  });
  const others = [country, pet];
  const refused = generate(USER.columns, [CreateUser1715028537217], others);
  await expect(refused).rejects.toThrow('tenant-schemas generate-migration <Name> --shared');
  const { Migration } = await generatedOf('shared', { entities: [country] });
  const generated = await generate(USER.columns, [CreateUser1715028537217], others, [Migration]);
  expect(generated).toMatchObject({ isSingleTenant: false });
  expect(generated?.source).toContain('CREATE TABLE "__tenant__"."pet"');
  expect(generated?.source).toContain('REFERENCES "public"."countries"');
});
