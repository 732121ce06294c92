// TypeORM installs the extensions of the entities when it connects, so existing migrations do not create them. On an empty
// database the engine installs them before the first migration of a single-tenant application.
import { randomBytes, randomUUID } from 'node:crypto';
import { type DataSource, EntitySchema } from 'typeorm';
import { createTenantDataSource, singleTenantMigrations, type Tenant } from '../../../src/index.js';
import { migration, type SingleTenant, useSingleTenant } from './single-tenant-support.js';

const USER = new EntitySchema({
  name: 'user',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    email: { type: 'citext', nullable: true },
  },
});

const EMPTY = migration(1, 'SELECT 1');

const CREATE_USER = migration(
  2,
  `CREATE TABLE "user" ("id" uuid NOT NULL DEFAULT uuid_generate_v4(), "email" citext)`,
);

const MISSING = 'function uuid_generate_v4() does not exist';

async function extensions({ database }: SingleTenant): Promise<string[]> {
  const rows = await database.sql<{ name: string }>(
    `SELECT extnamespace::regnamespace || '.' || extname AS name FROM pg_extension
     WHERE extname <> 'plpgsql' ORDER BY extname`,
  );
  return rows.map(({ name }) => name);
}

describe('with the options of TypeORM', () => {
  const single = useSingleTenant([USER]);

  it('installs the extensions of the entities in public, once for concurrent creations', async () => {
    const history = singleTenantMigrations([CREATE_USER]);
    const names = ['one', 'two', 'three'];
    await Promise.all(names.map((schema) => single.create(history, schema)));
    expect(await extensions(single)).toEqual(['public.citext', 'public.uuid-ossp']);
    expect(await single.tables()).toEqual(['one.user', 'three.user', 'two.user']);
  });

  it.each([true, false])(
    'installs them for an existing tenant, with transaction = %s',
    async (transaction) => {
      await single.create(singleTenantMigrations([EMPTY]), 'one');
      await single.database.sql('DROP EXTENSION IF EXISTS "uuid-ossp", citext');
      const CreateUser = class extends CREATE_USER {
        override readonly transaction = transaction;
      };
      const { migrator, registry } = await single.schemasOf(
        singleTenantMigrations([EMPTY, CreateUser]),
      );
      const [tenant] = registry.tenants.values();
      expect(await migrator.migrateTenant(tenant as Tenant)).toMatchObject({ status: 'applied' });
      expect(await extensions(single)).toEqual(['public.citext', 'public.uuid-ossp']);
      expect(await single.tables()).toEqual(['one.user']);
    },
  );

  it('serves a clone and the doctor', async () => {
    const history = singleTenantMigrations([CREATE_USER]);
    const one = await single.create(history, 'one');
    const { cloner, doctor } = await single.schemasOf(history);
    await cloner.clone(one, { id: randomUUID(), schema: 'copy' });
    for await (const finding of doctor.examine()) throw new Error(finding.problem);
    expect(await single.tables()).toEqual(['copy.user', 'one.user']);
  });

  it('keeps an extension that is in another schema', async () => {
    await single.database.sql(
      'CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions',
    );
    await single.create(singleTenantMigrations([CREATE_USER]), 'one');
    expect(await extensions(single)).toEqual(['extensions.citext', 'public.uuid-ossp']);
  });

  it('names the statement for an administrator if the account may not install them', async () => {
    const one = await single.create(singleTenantMigrations([EMPTY]), 'one');
    await single.database.sql('DROP EXTENSION IF EXISTS "uuid-ossp", citext');
    const role = `nts_test_${process.pid}_${randomBytes(4).toString('hex')}`;
    await single.database.sql(
      `CREATE ROLE ${role} LOGIN PASSWORD '${role}'; GRANT ALL ON SCHEMA one TO ${role};
       GRANT ${role} TO CURRENT_USER; ALTER TABLE one.tenant_schemas_ledger OWNER TO ${role}`,
    );
    let poor: DataSource | undefined;
    try {
      const url = Object.assign(new URL(single.database.directUrl), {
        username: role,
        password: role,
      });
      poor = await createTenantDataSource({ url: url.toString(), entities: [USER] }).initialize();
      const history = singleTenantMigrations([
        EMPTY,
        migration(2, 'CREATE TABLE needless (id int)'),
        migration(3, 'CREATE TABLE "user" (id uuid DEFAULT uuid_generate_v4())'),
      ]);
      const { migrator } = await single.schemasOf(history, poor);
      const result = await migrator.migrateTenant(one);
      expect(result).toMatchObject({ versions: ['Step1700000002000'] });
      expect(String(result.error)).toContain(
        `${MISSING}. Role "${role}" could not install the extensions "uuid-ossp", "citext" of the entities. Have an ` +
          'administrator run once: CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA public; CREATE EXTENSION IF NOT ' +
          'EXISTS "citext" SCHEMA public; Then run this command again',
      );
      expect(await single.tables()).toEqual(['one.needless']);
    } finally {
      await poor?.destroy();
      await single.database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

describe('with installExtensions: false', () => {
  const single = useSingleTenant([USER], { installExtensions: false });

  it('installs nothing', async () => {
    const created = single.create(singleTenantMigrations([CREATE_USER]), 'one');
    await expect(created).rejects.toThrow(/(uuid_generate_v4\(\)|"citext") does not exist/);
    expect(await extensions(single)).toEqual([]);
  });
});

describe.each([
  [{ uuidExtension: 'pgcrypto' }, 'public.pgcrypto'],
  [{ uuidExtension: 'uuid-ossp' }, 'public.uuid-ossp'],
  [{ installExtensions: true }, 'public.uuid-ossp'],
] as const)('with %j', (options, expected) => {
  const single = useSingleTenant([USER], options);

  it(`installs ${expected}`, async () => {
    await single.create(singleTenantMigrations([migration(1, 'CREATE TABLE a (b citext)')]), 'one');
    expect(await extensions(single)).toEqual(['public.citext', expected]);
  });
});

describe('with an extension that the server does not have', () => {
  const single = useSingleTenant([
    new EntitySchema({
      name: 'place',
      columns: { id: { type: 'int', primary: true }, at: { type: 'geometry' } },
    }),
  ]);

  it('runs migrations that do not need it', async () => {
    await single.create(
      singleTenantMigrations([EMPTY, migration(2, 'CREATE TABLE place ()')]),
      'one',
    );
    expect(await single.tables()).toEqual(['one.place']);
  });
});
