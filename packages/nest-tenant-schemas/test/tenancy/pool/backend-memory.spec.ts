// A server process keeps its memory between two statements, instead of allocating it again page by page. The specs count page
// faults, which do not depend on the speed of the machine.
import { existsSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { TenantPool } from '../../../src/connection/pool/tenant-pool.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

/** Eight blocks of 50 kB at once, each of them small enough for the heap. Parameters, so that no plan has them ready. */
const SIZES = Array.from({ length: 8 }, (_, index) => 50_000 + index);
const STATEMENT = {
  name: 'blocks',
  text: `SELECT ${SIZES.map((size) => `octet_length(repeat($1, ${size}))`).join(' + ')} AS bytes`,
  values: ['x'],
};

/** Enough for the server to have made its last plan. */
const WARM_UPS = 20;
const RUNS = 50;

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the tenth field. */
function pageFaultsOf(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return Number(fields.split(' ')[7]);
}

async function pageFaultsPerStatement(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid ?? 0;
  for (let run = 0; run < WARM_UPS; run++) await client.query(STATEMENT);
  const before = pageFaultsOf(pid);
  for (let run = 0; run < RUNS; run++) await client.query(STATEMENT);
  return (pageFaultsOf(pid) - before) / RUNS;
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

// The server must be one of the tests' own: it is looked at in this system's list of processes, which only Linux has.
const hasItsOwnProcesses = existsSync('/proc/self/stat') && !process.env['TEST_DATABASE_URL'];

(hasItsOwnProcesses ? describe : describe.skip)('for a statement that is sent again', () => {
  it('needs no new memory on a connection of the pool', async () => {
    const pool = new TenantPool({ connectionString: database.directUrl, max: 1 });
    const client = await pool.connect();
    const faults = await pageFaultsPerStatement(client);
    client.release();
    await pool.end();
    expect(faults).toBeLessThan(2);
  });

  it('needs it each time on any other connection, which is the control', async () => {
    const client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
    const faults = await pageFaultsPerStatement(client);
    await client.end();
    // 400 kB, of which 128 are kept, in pages of 4 kB.
    expect(faults).toBeGreaterThan(20);
  });
});
