// The Swagger UI in a real browser. A user authorises with a tenant's uuid, creates a poll with "Try it out", and reads it. The
// second tenant does not see it. UPDATE_SCREENSHOT=1 saves a screenshot in docs/.
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { type RunningServer, SERVER_KEY, startServer } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

// A browser, on a machine with others.
jest.setTimeout(300_000);

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const QUESTION = 'Does it work in a browser?';

let database: TestDatabase;
let server: RunningServer;
let browser: Browser;
let page: Page;
/** Requests to anywhere but the server, and what the page complained of. */
const strangers: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({ DATABASE_URL: database.url });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ARGUMENTS,
  });
  page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  page.setDefaultTimeout(60_000);
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith('data:')) strangers.push(url);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop('SIGTERM');
  await database?.drop();
});

async function createTenant(name: string): Promise<string> {
  const response = await fetch(`${server.url}/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SERVER_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant_name: name }),
  });
  return ((await response.json()) as { tenant_uuid: string }).tenant_uuid;
}

/** Puts a tenant's uuid in place of what the page is authorised by. */
async function authorise(tenant: string): Promise<void> {
  await page.locator('button.authorize.btn').first().click();
  const scheme = page.locator('.auth-container', { hasText: 'tenant (apiKey)' });
  const logOut = scheme.getByRole('button', { name: 'Remove authorization' });
  if (await logOut.isVisible()) await logOut.click();
  await scheme.locator('input').fill(tenant);
  await scheme.getByRole('button', { name: 'Apply credentials' }).click();
  await scheme.getByRole('button', { name: 'Close' }).click();
}

/** An operation, opened, and ready to be tried out. */
async function open(id: string): Promise<Locator> {
  const operation = page.locator(`#operations-Polls-${id}`);
  if (!(await operation.locator('.opblock-body').isVisible())) {
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
  }
  return operation;
}

/** Runs an operation, and returns the status and the body that the page shows of the answer. */
async function execute(operation: Locator): Promise<{ status: string; body: string }> {
  const answered = page.waitForResponse((response) => response.url().includes('/polls'));
  await operation.locator('.execute').click();
  await answered;
  const answer = operation.locator('.live-responses-table .response');
  const body = answer.locator('.highlight-code').first();
  await body.waitFor();
  return {
    status: (await answer.locator('.response-col_status').innerText()).trim(),
    // The page's own button stands in the same place.
    body: (await body.innerText()).replace(/^Download/, ''),
  };
}

it('shows the tenant and the polls first, no models, and the field of the tenant', async () => {
  await page.goto(`${server.url}/docs`);
  await page.locator('.opblock-tag').first().waitFor();
  const tags = await page.locator('.opblock-tag').evaluateAll((all) => all.map(({ id }) => id));
  expect(tags.slice(0, 2)).toEqual(['operations-tag-Tenants', 'operations-tag-Polls']);
  expect(await page.locator('.model-container').count()).toBe(0);
  await page.locator('button.authorize.btn').first().click();
  const scheme = page.locator('.auth-container', { hasText: 'tenant (apiKey)' });
  expect(await scheme.locator('input:focus').count()).toBe(1);
  await page.locator('.close-modal').click();
});

it('makes a poll for the tenant that is authorised, which the other one does not see', async () => {
  const [first, second] = [await createTenant('Pollsmaster'), await createTenant('Rival')];
  await page.goto(`${server.url}/docs`);
  await authorise(first);

  const create = await open('Polls_create');
  await create
    .locator('textarea.body-param__text')
    .fill(JSON.stringify({ question: QUESTION, choices: ['Yes', 'No'] }));
  const made = await execute(create);
  expect([made.status, made.body]).toEqual(['201', expect.stringContaining(QUESTION)]);
  if (process.env.UPDATE_SCREENSHOT) {
    await create.scrollIntoViewIfNeeded();
    await page.screenshot({ path: 'docs/pictures/swagger-ui.png' });
  }

  const list = await open('Polls_list');
  const own = await execute(list);
  expect([own.status, own.body]).toEqual(['200', expect.stringContaining(QUESTION)]);

  await authorise(second);
  await list.locator('.btn-clear').click();
  const others = await execute(list);
  expect(others.status).toBe('200');
  expect(others.body.replaceAll(/\s/g, '')).toBe('{"items":[],"next_cursor":null}');
});

it('sends requests only to the server, and logs no error', () => {
  expect({ strangers, complaints }).toEqual({ strangers: [], complaints: [] });
});
