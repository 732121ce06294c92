// The audit log: each change of a tenant leaves an entry of who, what and from what to what, in the transaction
// of the change; what fails or changes nothing leaves none.
import { OperatorKey } from '../../src/operators/operator-key.js';
import {
  type AuditRow,
  OPERATOR_KEY,
  type OperatorSetUp,
  readAudit,
  setUpOperator,
} from './support.js';

let setUp: OperatorSetUp;

beforeAll(async () => {
  setUp = await setUpOperator();
});

afterAll(() => setUp.stop());

beforeEach(() => setUp.database.sql('TRUNCATE public.audit_log'));

/** Makes every attempt to write an entry fail, for the time of the work. */
async function withBrokenLog(work: () => Promise<void>): Promise<void> {
  await setUp.database.sql('ALTER TABLE public.audit_log ADD CHECK (false) NOT VALID');
  try {
    await work();
  } finally {
    await setUp.database.sql('ALTER TABLE public.audit_log DROP CONSTRAINT audit_log_check');
  }
}

it('has the whole life of a tenant, put down to the key that was used', async () => {
  const tenant = await setUp.create({ tenant_name: 'Acme', paid_until: '2099-05-30' });
  const path = `/clients/${tenant.tenant_uuid}`;
  await setUp.operate('PATCH', path, { tenant_name: 'Acme GmbH', suspended: true });
  await setUp.operate('DELETE', `${path}?confirm=acme`);
  const changed = { ...tenant, tenant_name: 'Acme GmbH', suspended: true };
  const by = {
    actor: `operator ${new OperatorKey(OPERATOR_KEY).fingerprint}`,
    via: 'HTTP',
    tenant_id: tenant.tenant_uuid,
    tenant_schema: 'acme',
  };
  expect(await readAudit(setUp.database)).toEqual([
    { ...by, action: 'create', before: null, after: tenant },
    { ...by, action: 'change', before: tenant, after: changed },
    { ...by, action: 'delete', before: changed, after: null },
  ]);
});

it('has no entry of what was refused or changed nothing', async () => {
  const { tenant_uuid } = await setUp.create({ tenant_name: 'Calm' });
  await setUp.create({ tenant_name: 'Storm' });
  await setUp.database.sql('TRUNCATE public.audit_log');
  const path = `/clients/${tenant_uuid}`;
  for (const [method, url, body, status] of [
    ['PATCH', path, {}, 200],
    ['PATCH', path, { tenant_name: 'Calm', suspended: false }, 200],
    ['PATCH', path, { tenant_name: 'Storm' }, 409],
    ['PATCH', path, { suspended: 'no' }, 400],
    ['POST', '/clients', { tenant_name: 'calm', schema_name: 'other' }, 409],
    ['POST', '/clients', { tenant_name: 'Other', schema_name: 'calm' }, 409],
    ['DELETE', `${path}?confirm=storm`, undefined, 400],
  ] as const) {
    expect([method, (await setUp.operate(method, url, body)).status]).toEqual([method, status]);
  }
  expect(await readAudit(setUp.database)).toEqual([]);
});

it('control: a change whose entry cannot be written is not made', async () => {
  const tenant = await setUp.create({ tenant_name: 'Kept' });
  const path = `/clients/${tenant.tenant_uuid}`;
  await withBrokenLog(async () => {
    expect((await setUp.operate('PATCH', path, { suspended: true })).status).toBe(500);
    expect((await setUp.operate('DELETE', `${path}?confirm=kept`)).status).toBe(500);
    expect((await setUp.operate('POST', '/clients', { tenant_name: 'New' })).status).toBe(500);
  });
  expect(await setUp.operate('GET', path)).toEqual({
    status: 200,
    body: { ...tenant, usage: { polls: 0, users: 0 } },
  });
  const found = await setUp.database.sql(`SELECT FROM pg_namespace WHERE nspname = 'new'`);
  expect(found).toHaveLength(0);
});

it('has what was changed by whom when many change one tenant at once: no entry skips a state', async () => {
  const tenant = await setUp.create({ tenant_name: 'Busy' });
  await Promise.all(
    Array.from({ length: 20 }, (_, number) =>
      setUp.operate('PATCH', `/clients/${tenant.tenant_uuid}`, { tenant_name: `Busy ${number}` }),
    ),
  );
  const rows = await readAudit(setUp.database);
  const bySource = new Map(rows.map((row) => [row.before?.tenant_name, row]));
  const chain: AuditRow[] = [];
  for (let row = bySource.get(undefined); row; row = bySource.get(row.after?.tenant_name)) {
    chain.push(row);
  }
  expect(chain).toHaveLength(21);
  expect(rows).toHaveLength(21);
});
