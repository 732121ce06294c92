// A function or a trigger of a tenant that puts its parameter into EXECUTE runs any SQL, behind a text that looks harmless.
// What that SQL leaves in the session changes neither the statements nor the role nor the search path of later checkouts,
// if it cannot read the names of prepared statements.
import { createHash, randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  type IsolationOptions,
  TENANT_SCHEMA,
  tenantContext,
  type TenantDataSourceOptions,
} from '../../../src/index.js';
import { PREPARED_STATEMENTS } from '../../../src/schemas/roles/login-facts.js';
import { testServer } from 'test-support/test-server.js';
import { A, B, openTenantDataSource, poolOf, storedTexts } from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const INJECTABLE = `
  CREATE FUNCTION tenant_a.search(q text) RETURNS int LANGUAGE plpgsql AS $f$ DECLARE n int; BEGIN
    EXECUTE 'SELECT count(*) FROM tenant_a.notes WHERE text = ''' || q || '''' INTO n; RETURN n; END $f$;
  CREATE FUNCTION tenant_a.searched() RETURNS trigger LANGUAGE plpgsql AS
    $f$ BEGIN PERFORM tenant_a.search(NEW.text); RETURN NULL; END $f$;
  CREATE FUNCTION tenant_a.lower(text) RETURNS text LANGUAGE sql AS $f$ SELECT 'of tenant_a' $f$;
  CREATE TRIGGER searched AFTER INSERT ON tenant_a.remarks FOR EACH ROW EXECUTE FUNCTION tenant_a.searched();`;

const SETTINGS: [string, IsolationOptions['isolation'], IsolationOptions['rawSql']][] = [
  ['names', 'names', 'qualified'],
  ['a search path', 'names', 'search_path'],
  ['roles', 'role', 'qualified'],
  ['roles and a search path', 'role', 'search_path'],
];

/** How the SQL of a caller gets into EXECUTE. */
const WAYS: [string, string][] = [
  ['a function', `SELECT "${TENANT_SCHEMA}".search($1)`],
  ['a trigger', `INSERT INTO "${TENANT_SCHEMA}".remarks (text) VALUES ($1)`],
];
const [[, CALL]] = WAYS as [[string, string]];

/** A statement that the server keeps prepared for B. */
const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes WHERE id = $1`;
const STOLEN = `(int) AS UPDATE tenant_b.notes SET text = 'stolen' WHERE id = $1 RETURNING text`;
/** What went ahead of statements under fixed names, and now must not. */
const ACTS_AS_A = `(text, text) AS SELECT set_config('search_path', 'tenant_a', true), set_config('role', 'none', true)`;

let tenants: TenantsWithRoles;
/** A login with the rights of both tenants, which is not a superuser on any server. */
let login: string;
let loginUrl: string;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
  await tenants.sql(INJECTABLE);
  login = `nts_test_login_${randomBytes(4).toString('hex')}`;
  const rights = [A, B].map(
    ({ schema }) => `GRANT USAGE ON SCHEMA ${schema} TO ${login};
      GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${login}; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${login};`,
  );
  await tenants.sql(`CREATE ROLE ${login} LOGIN PASSWORD 'secret'; ${rights.join('')}`);
  const url = new URL(tenants.url);
  Object.assign(url, { username: login, password: 'secret' });
  loginUrl = url.toString();
});

afterEach(() => dataSource.destroy());

afterAll(async () => {
  await tenants.sqlAsSuperuser(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
  await tenants.drop();
});

// Behind a pooler the engine prepares nothing.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

describeDirect.each(SETTINGS)('with isolation by %s', (_, isolation, rawSql) => {
  const hasRoles = isolation === 'role';

  async function open(options: Partial<TenantDataSourceOptions> = {}): Promise<void> {
    await tenants.sqlAsSuperuser(`REVOKE EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} FROM PUBLIC;
      TRUNCATE tenant_a.notes, tenant_b.notes RESTART IDENTITY CASCADE;
      INSERT INTO tenant_a.notes (text) VALUES ('tenant_a'); INSERT INTO tenant_b.notes (text) VALUES ('tenant_b')`);
    dataSource = hasRoles
      ? await openWithRoles(tenants, { rawSql, ...options })
      : await openTenantDataSource(tenants, { url: loginUrl, rawSql, ...options });
    for (let times = 0; times < 3; times++) await readInB();
  }

  const inB = <T>(text: string, values?: unknown[]): Promise<T[]> =>
    tenantContext.run(B, () => dataSource.query(text, values));

  const readInB = async (): Promise<unknown> => (await inB<{ text: string }>(READ, [1]))[0]?.text;

  /** Runs SQL in A, with the rights of B where tenants have roles: who looks for B's rows takes these first. */
  const attack = (way: string, sql: string): Promise<unknown> => {
    const role = hasRoles ? `RESET ROLE; SET LOCAL ROLE "${tenants.roleOf(B)}"; ` : '';
    const typed = `x'; ${role}${sql}; SELECT 1 WHERE ''='`;
    return tenantContext.run(A, () => dataSource.query(way, [typed]));
  };

  /** What B reads by a prepared statement and without a schema, as whom, and what is left of a transaction that failed. */
  async function observe(): Promise<Record<string, unknown>> {
    const read = await readInB();
    const [session] = await inB(
      `SELECT current_user AS role, ARRAY(
         SELECT s::text FROM unnest(current_schemas(false)) AS s WHERE s NOT LIKE 'pg_temp%') AS path`,
    );
    const unqualified = await inB('SELECT text FROM notes').catch(
      ({ code }: { code: string }) => code,
    );
    const undone = await tenantContext
      .run(B, () =>
        dataSource.transaction(async (manager) => {
          await manager.query(`UPDATE "${TENANT_SCHEMA}".notes SET text = $1`, ['undone']);
          throw new Error('undo');
        }),
      )
      .catch(({ message }: Error) => message);
    const stored = await storedTexts(tenants, B);
    return { read, session, unqualified, undone, stored, size: poolOf(dataSource).totalCount };
  }

  /** The same as long as A has changed nothing of it. */
  const untouched = (): Record<string, unknown> => ({
    session: {
      role: hasRoles ? tenants.roleOf(B) : login,
      path: rawSql === 'search_path' ? [B.schema] : [],
    },
    read: 'tenant_b',
    unqualified: rawSql === 'search_path' ? [{ text: 'tenant_b' }] : '42P01',
    undone: 'undo',
    stored: ['tenant_b'],
    size: 1,
  });

  const prepareUnder = (name: string, text: string): string =>
    `DO $do$ BEGIN
       BEGIN EXECUTE 'DEALLOCATE "${name}"'; EXCEPTION WHEN OTHERS THEN NULL; END;
       EXECUTE $x$PREPARE "${name}" ${text}$x$;
     END $do$`;

  it.each(WAYS)('keeps to its own after names were guessed by %s', async (_way, way) => {
    await open();
    const digest = createHash('sha256').update(`${B.schema} ${READ}`).digest('base64url');
    await attack(way, prepareUnder(`nts_${digest}`, STOLEN));
    for (const name of ['nts_path', 'nts_path_and_role']) {
      await attack(way, prepareUnder(name, ACTS_AS_A));
    }
    for (const name of ['nts_start', 'nts_reset_role']) {
      await attack(way, prepareUnder(name, 'AS SELECT 1'));
    }
    expect(await observe()).toEqual(untouched());
  });

  /** Puts another text under every name that the session shows. */
  const POISON_ALL = `DO $do$ DECLARE kept text; BEGIN
      FOR kept IN SELECT name FROM pg_prepared_statements LOOP
        EXECUTE format('DEALLOCATE %I', kept);
        EXECUTE format('PREPARE %I ', kept) || $x$${STOLEN}$x$;
      END LOOP;
    END $do$`;

  it.each(WAYS)('keeps to its own, as names cannot be read, by %s', async (_way, way) => {
    await open();
    await expect(attack(way, POISON_ALL)).rejects.toMatchObject({ driverError: { code: '42501' } });
    expect(await observe()).toEqual(untouched());
  });

  it('control: runs the replaced text for B if names can be read', async () => {
    await open();
    await tenants.sqlAsSuperuser(`GRANT EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} TO PUBLIC`);
    await attack(CALL, POISON_ALL);
    await readInB();
    expect(await storedTexts(tenants, B)).toEqual(['stolen']);
  });

  it('keeps to its own if names can be read, but nothing is prepared', async () => {
    await open({ preparedStatements: 0 });
    await tenants.sqlAsSuperuser(`GRANT EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} TO PUBLIC`);
    await attack(CALL, POISON_ALL);
    expect(await observe()).toEqual(untouched());
  });

  it('follows a search path that was left, in functions and operators, by names alone', async () => {
    await open();
    await attack(CALL, 'SET search_path TO tenant_a, pg_catalog');
    const called = await inB(`SELECT lower(text) AS text FROM "${TENANT_SCHEMA}".notes`);
    const hasOwnPath = hasRoles || rawSql === 'search_path';
    expect(called).toEqual([{ text: hasOwnPath ? 'tenant_b' : 'of tenant_a' }]);
  });

  it.each<[string, string]>([
    ['that are gone', 'DEALLOCATE ALL'],
    ['and a cursor', 'DECLARE held CURSOR WITH HOLD FOR SELECT 1'],
  ])('keeps to its own after statements %s', async (_what, sql) => {
    await open();
    await attack(CALL, sql);
    expect(await observe()).toEqual(untouched());
  });
});
