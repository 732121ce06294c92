// The list of tenants page by page: in the order in which they were made, nothing twice and nothing left out, also
// where many were made at one moment or are deleted between two pages.
import { randomUUID } from 'node:crypto';
import { type OperatorSetUp, setUpOperator, type TenantBody } from './support.js';

interface PageBody {
  readonly items: TenantBody[];
  readonly next_cursor: string | null;
}

let setUp: OperatorSetUp;

beforeAll(async () => {
  setUp = await setUpOperator();
  // Rows without schemas suffice for the list. Ten rows share each millisecond, and differ in microseconds.
  for (let number = 0; number < 60; number++) {
    await setUp.database.sql(
      `INSERT INTO public.clients (id, name, schema, created_on)
       VALUES ($1, $2, $2, timestamptz '2026-01-01' + $3 * interval '1 ms' + $4 * interval '1 us')`,
      [randomUUID(), `t${number}`, Math.floor(number / 10), number % 10],
    );
  }
});

afterAll(() => setUp.stop());

const page = async (query: string): Promise<PageBody> =>
  (await setUp.operate<PageBody>('GET', `/clients${query}`)).body;

async function walk(limit: number, between?: (seen: TenantBody[]) => Promise<void>) {
  const seen: TenantBody[] = [];
  for (let cursor = ''; ;) {
    const { items, next_cursor } = await page(`?limit=${limit}${cursor}`);
    seen.push(...items);
    if (next_cursor === null) return seen;
    cursor = `&cursor=${next_cursor}`;
    await between?.(seen);
  }
}

it.each([1, 7, 20, 100])('has every tenant once, newest last, by pages of %i', async (limit) => {
  const seen = await walk(limit);
  expect(new Set(seen.map(({ tenant_uuid }) => tenant_uuid)).size).toBe(60);
  expect(seen).toHaveLength(60);
  const times = seen.map(({ created_on }) => created_on);
  expect(times).toEqual(times.toSorted());
});

it('sends 20 where no limit is given, and ends with a page that is full', async () => {
  expect((await page('')).items).toHaveLength(20);
  const { items, next_cursor } = await page('?limit=60');
  expect([items.length, next_cursor]).toEqual([60, null]);
});

it('goes on where it was when the tenant is deleted that the last page ended with', async () => {
  const all = await walk(100);
  const gone: string[] = [];
  const seen = await walk(7, async (before) => {
    const last = before.at(-1)?.tenant_uuid ?? '';
    gone.push(last);
    await setUp.database.sql('DELETE FROM public.clients WHERE id = $1', [last]);
  });
  expect(gone).toHaveLength(8);
  expect(seen).toEqual(all);
});

it.each([
  ['', 'nothing'],
  ['x', 'no cursor'],
  [Buffer.from('after:1').toString('base64url'), "another list's"],
  [Buffer.from(`2026-01-01T00:00:00.000Z ${randomUUID()} `).toString('base64url'), 'more'],
  [Buffer.from(`2026-13-01T00:00:00.000Z ${randomUUID()}`).toString('base64url'), 'no time'],
  [Buffer.from('2026-01-01T00:00:00.000Z x').toString('base64url'), 'no uuid'],
  [Buffer.from(`+275760-09-13T00:00:00.000Z ${randomUUID()}`).toString('base64url'), 'far off'],
])('refuses the cursor %j, which is %s', async (cursor) => {
  const { status, body } = await setUp.operate('GET', `/clients?cursor=${cursor}`);
  expect([status, body.code, body.details]).toEqual([
    400,
    'VALIDATION_FAILED',
    [{ field: 'cursor', message: 'cursor must be the next_cursor of a page' }],
  ]);
});
