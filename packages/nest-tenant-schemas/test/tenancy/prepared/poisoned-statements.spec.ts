// A caller who controls a whole statement can put another text under a name that the server keeps. No later checkout sends
// by that name: nothing of such a caller is run for another tenant. By the name it would be: the control.
import type { DataSource } from 'typeorm';
import { type Tenant, tenantContext, type TenantDataSourceOptions } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  openWithNotes,
  poolOf,
  readNote,
  readNoteTimes,
} from '../support.js';

// Behind a pooler none are kept: prepared-statements.spec.ts.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterEach(() => dataSource.destroy());

afterAll(() => database.drop());

async function open(options: Partial<TenantDataSourceOptions> = {}): Promise<void> {
  await database.sql('TRUNCATE tenant_a.notes, tenant_b.notes RESTART IDENTITY CASCADE');
  dataSource = await openWithNotes(database, options);
}

const read = (tenant: Tenant): Promise<string | undefined> => readNote(dataSource, tenant);

const readTimes = (count: number, tenant: Tenant): Promise<void> =>
  readNoteTimes(dataSource, count, tenant);

describeDirect(
  'after a whole statement of a caller that put its own text under a name that is kept',
  () => {
    const poison = async (pattern: string, text: string): Promise<string> => {
      const { rows } = await poolOf(dataSource).query<{ name: string }>(
        'SELECT name FROM pg_prepared_statements WHERE statement LIKE $1',
        [pattern],
      );
      const name = rows[0]?.name ?? 'none';
      return `DEALLOCATE "${name}"; PREPARE "${name}"${text}`;
    };
    const STOLEN = ` AS SELECT 1 AS "Note_id", 'stolen' AS "Note_text" WHERE $1::int IS NOT NULL`;
    const ways: [string, (statement: string) => string][] = [
      ['as it is', (statement) => statement],
      [
        'in a DO',
        (text) => `DO $do$ BEGIN EXECUTE $x$${text.replace(';', '$x$; EXECUTE $x$')}$x$; END $do$`,
      ],
      ['behind a SELECT', (statement) => `SELECT 1; ${statement}`],
    ];

    it.each(ways)("reads the tenant's own rows (%s)", async (_way, write) => {
      await open();
      await readTimes(3, B);
      const statement = write(await poison('%tenant_b%', STOLEN));
      await tenantContext.run(A, () => dataSource.query(statement));
      expect(await read(B)).toBe(B.schema);
    });

    it('control: by its name it reads what the caller put there', async () => {
      await open();
      await readTimes(3, B);
      const statement = await poison('%tenant_b%', STOLEN);
      await tenantContext.runAsOwner(undefined, () => dataSource.query(statement));
      expect(await read(B)).toBe('stolen');
    });
  },
);
