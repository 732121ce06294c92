// What the module answers to errors of the engine, and what it logs.

import { codeOf, useServedApplication } from './served-application.js';

const served = useServedApplication();

describe('without an exception filter of the application', () => {
  const UNKNOWN = crypto.randomUUID();

  it('answers mistakes of clients with their statuses, and logs none', async () => {
    await served.start();
    expect(codeOf(await served.request({}))).toEqual([400, 'TENANT_HEADER_MISSING']);
    expect(codeOf(await served.request({ 'X-Tenant-ID': 'acme' }))).toEqual([
      400,
      'TENANT_HEADER_INVALID',
    ]);
    expect(await served.request({ 'X-Tenant-ID': UNKNOWN })).toEqual([
      404,
      {
        statusCode: 404,
        code: 'TENANT_NOT_FOUND',
        message: 'There is no tenant with this UUID. Check it, or ask the operator.',
      },
    ]);
    expect(served.log.lines).toEqual([]);
  });

  it('leaves the answer to the application if filter is false', async () => {
    await served.start({ filter: false });
    expect(await served.request({ 'X-Tenant-ID': UNKNOWN })).toMatchObject([
      500,
      { statusCode: 500 },
    ]);
    expect(served.log.lines).toContainEqual(expect.stringContaining('There is no tenant'));
  });
});

it('logs which command creates the table of tenants if it is missing', async () => {
  await served.start({ migrates: false });
  const [status] = await served.request({ 'X-Tenant-ID': crypto.randomUUID() });
  expect(status).toBe(500);
  expect(served.log.lines.join('\n')).toContain('The table public.tenants must exist. Create it:');
});
