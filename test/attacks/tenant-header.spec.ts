// Tricks with the tenant header: whatever is sent, the answer is a refusal with its code, or the rows of the one
// tenant whose UUID the header holds. What Node's parser refuses by itself: test/http/requests/raw-requests.spec.ts.
import { ClientsService } from '../../src/clients/clients.service.js';
import { sendRaw } from '../http/requests/raw-request.js';
import { type PollsSetUp, setUpPolls } from '../polls/support.js';
import { send } from '../support/application.js';

let polls: PollsSetUp;
let a: string;
let b: string;

beforeAll(async () => {
  polls = await setUpPolls();
  [a, b] = (await Promise.all(['a', 'b'].map(uuidOf))) as [string, string];
  await polls.a.poll('Of a?');
  await polls.b.poll('Of b?');
});

afterAll(() => polls.stop());

async function uuidOf(name: string): Promise<string> {
  const { body } = await send<{ tenant_uuid: string }>(polls.application.url, 'POST', '/client', {
    body: { tenant_name: name },
  });
  return body.tenant_uuid;
}

/** GET /polls with these lines, as bytes. */
async function get(...lines: string[]): Promise<[number, unknown]> {
  const { status, body } = await sendRaw(
    polls.application.url,
    ['GET /polls HTTP/1.1', 'Host: x', ...lines, 'Connection: close', '', ''].join('\r\n'),
  );
  const { code, items } = body as { code?: string; items?: { question: string }[] };
  return [status, code ?? items?.map(({ question }) => question)];
}

const INVALID = [400, 'TENANT_HEADER_INVALID'];
const MISSING = [400, 'TENANT_HEADER_MISSING'];

it.each<[string, () => string[], unknown]>([
  ['none', () => [], MISSING],
  ['an empty one', () => ['X-Request-ID:'], MISSING],
  ['only spaces', () => ['X-Request-ID:    '], MISSING],
  ['the same UUID twice', () => [`X-Request-ID: ${a}`, `X-Request-ID: ${a}`], INVALID],
  ['two tenants', () => [`X-Request-ID: ${a}`, `X-Request-ID: ${b}`], INVALID],
  ['two tenants in two cases', () => [`X-Request-ID: ${a}`, `x-request-id: ${b}`], INVALID],
  ['a list of two', () => [`X-Request-ID: ${a},${b}`], INVALID],
  ['a list with an empty member', () => [`X-Request-ID: ${a},`], INVALID],
  ['a semicolon', () => [`X-Request-ID: ${a};${b}`], INVALID],
  ['quotes', () => [`X-Request-ID: "${a}"`], INVALID],
  ['braces', () => [`X-Request-ID: {${a}}`], INVALID],
  ['urn:uuid:', () => [`X-Request-ID: urn:uuid:${a}`], INVALID],
  ['no hyphens', () => [`X-Request-ID: ${a.replaceAll('-', '')}`], INVALID],
  ['a space within', () => [`X-Request-ID: ${a.slice(0, 8)} ${a.slice(8)}`], INVALID],
  ['a no-break space after it', () => [`X-Request-ID: ${a}\u00a0`], INVALID],
  ['a digit of another script', () => [`X-Request-ID: \u00b9${a.slice(1)}`], INVALID],
  ['a schema name', () => ['X-Request-ID: a'], INVALID],
  ['another tenant’s schema after it', () => [`X-Request-ID: ${a}/../b`], INVALID],
  ['an escaped line break', () => [`X-Request-ID: ${a}%0d%0aX-Request-ID:%20${b}`], INVALID],
  ['SQL', () => [`X-Request-ID: ${a}' OR '1'='1`], INVALID],
  ['another header of that name with _', () => [`X_Request_ID: ${a}`], MISSING],
  ['the tenant in a forwarded header', () => [`X-Forwarded-X-Request-ID: ${a}`], MISSING],
])('answers a tenant header of %s with a refusal', async (_, lines, refusal) => {
  expect(await get(...lines())).toEqual(refusal);
});

it.each<[string, () => string]>([
  ['upper case', () => `X-REQUEST-ID: ${a.toUpperCase()}`],
  ['spaces and a tab around it', () => `x-request-id: \t ${a} \t`],
])('reads the one tenant of a header in %s', async (_, line) => {
  expect(await get(line())).toEqual([200, ['Of a?']]);
});

it('cannot be made to read a second header behind a line break: that is a header of its own', async () => {
  expect(await get(`X-Request-ID: ${a}\r\nX-Request-ID: ${b}`)).toEqual(INVALID);
  expect(await get(`X-Other: 1\r\n X-Request-ID: ${b}`, `X-Request-ID: ${a}`)).not.toEqual([
    200,
    ['Of b?'],
  ]);
});

it('refuses a header of 1 MB, with 431', async () => {
  const { status, body } = await sendRaw(
    polls.application.url,
    `GET /polls HTTP/1.1\r\nHost: x\r\nX-Request-ID: ${a.repeat(30_000)}\r\n\r\n`,
  );
  expect([status, (body as { code: string }).code]).toEqual([431, 'HEADERS_TOO_LARGE']);
});

it('takes the tenant from nowhere else: query, body and cookie are not asked', async () => {
  const { url } = polls.application;
  const body = { question: 'Whose?', tenant_uuid: b, tenant: b };
  const byQuery = await send<{ code: string }>(url, 'GET', `/polls?x-request-id=${a}`);
  const byBody = await send<{ code: string }>(url, 'POST', '/polls', { body });
  const byCookie = await get(`Cookie: X-Request-ID=${a}`);
  expect([byQuery.body.code, byBody.body.code, byCookie]).toEqual([
    MISSING[1],
    MISSING[1],
    MISSING,
  ]);
  const withBoth = await send<{ code: string }>(url, 'POST', '/polls', { tenant: a, body });
  expect([withBoth.status, withBoth.body.code]).toEqual([400, 'VALIDATION_FAILED']);
});

it('refuses an unknown, a suspended and an expired tenant, each with its code', async () => {
  const { app, url } = polls.application;
  const clients = app.get(ClientsService);
  const codeOf = async (tenant: string): Promise<[number, string]> => {
    const { status, body } = await send<{ code: string }>(url, 'GET', '/polls', { tenant });
    return [status, body.code];
  };
  const suspended = await clients.create({ tenant_name: 'suspended' });
  const expired = await clients.create({ tenant_name: 'expired', paid_until: '2020-01-01' });
  await clients.change(suspended, { suspended: true });
  expect(await codeOf(suspended.id)).toEqual([403, 'TENANT_SUSPENDED']);
  expect(await codeOf(expired.id)).toEqual([402, 'TENANT_EXPIRED']);
  // Control: nothing but that keeps them out.
  await clients.create({ tenant_name: 'trial', paid_until: '2020-01-01', on_trial: true });
  expect(await codeOf(await uuidOf('trial'))).toEqual([200, undefined]);
  expect(await codeOf('123e4567-e89b-42d3-a456-426614174000')).toEqual([404, 'TENANT_NOT_FOUND']);
});
