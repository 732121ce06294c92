// Without the operator key, the operator's routes neither reveal nor change a tenant: not with a tenant's UUID, and not with an
// almost right key. The rejection does not reveal whether the tenant exists.
import { randomUUID } from 'node:crypto';
import {
  OPERATOR_KEY,
  type OperatorSetUp,
  setUpOperator,
  type TenantBody,
} from '../clients/support.js';

let setUp: OperatorSetUp;
let victim: TenantBody;

beforeAll(async () => {
  setUp = await setUpOperator();
  victim = await setUp.create({ tenant_name: 'Victim', schema_name: 'victim' });
});

afterAll(() => setUp.stop());

const attacks = (uuid: string) =>
  [
    ['GET', '/clients', undefined],
    ['GET', `/clients/${uuid}`, undefined],
    ['PATCH', `/clients/${uuid}`, { suspended: true }],
    ['DELETE', `/clients/${uuid}?confirm=victim`, undefined],
    ['POST', '/clients', { tenant_name: 'Intruder' }],
  ] as const;

it.each<[string, Record<string, string>]>([
  ['no key', {}],
  ['a tenant as the key', { authorization: `Bearer ${randomUUID()}` }],
  ['a key and more', { authorization: `Bearer ${OPERATOR_KEY}, ${OPERATOR_KEY}` }],
  ['the key in another header', { 'x-operator-key': OPERATOR_KEY }],
])(
  '%s is 401 for a tenant that exists and for one that does not, and changes nothing',
  async (_title, headers) => {
    const { tenant_uuid: tenant } = victim;
    for (const uuid of [tenant, randomUUID()]) {
      for (const [method, path, body] of attacks(uuid)) {
        const answer = await setUp.application.send(method, path, { tenant, body, headers });
        expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
      }
    }
    const stored = await setUp.database.sql('SELECT schema, suspended FROM public.clients');
    expect(stored).toEqual([{ schema: 'victim', suspended: false }]);
  },
);

it('control: with the key the same requests show and change it', async () => {
  const path = `/clients/${victim.tenant_uuid}`;
  expect((await setUp.operate('GET', path)).status).toBe(200);
  expect((await setUp.operate('PATCH', path, { suspended: true })).status).toBe(200);
  expect((await setUp.operate('DELETE', `${path}?confirm=victim`)).status).toBe(204);
});
