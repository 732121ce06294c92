// Draws the terminal pictures of the documentation, from commands that run on a throw-away database. Needs Chromium.
// `npm run pictures` also draws the Swagger UI, in its browser test.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createDatabase, startServer } from '../examples/example-server.js';
import { drawTerminal } from './draw-terminal.js';
import { record } from './recorded-terminal.js';

const PICTURES = join(import.meta.dirname, '../../docs/pictures');
const COLUMNS = 100;
const TENANTS = 24;

const server = await startServer(join(import.meta.dirname, '../../.data/pictures'));
const database = await createDatabase(server.url);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const env = { DATABASE_URL: database.url, DATABASE_DIRECT_URL: '', LOG_LEVEL: 'warn' };

const run = (args, options) => record(args, { env, columns: COLUMNS, ...options });
const draw = (name, received) =>
  drawTerminal(browser, received, { columns: COLUMNS, path: join(PICTURES, `${name}.png`) });

try {
  await draw(
    'create-tenant',
    await run(['create-tenant'], {
      answers: [
        ['Tenant name', 'Acme GmbH'],
        ['Paid until', '2030-05-30'],
        ['Schema name', ''],
        ['On trial', 'n'],
      ],
    }),
  );
  for (let each = 1; each < TENANTS; each++) {
    await run(['create-tenant', '--name', `Tenant ${each}`, '--json']);
  }
  await run(['revert-schemas', '--all']);
  await draw(
    'migrate-schemas',
    await run(['migrate-schemas', '--concurrency', '2'], { until: /\D(?:9|1[0-4])\/\d+ \[/ }),
  );
  await run(['migrate-schemas']);
  await database.query('ALTER TABLE tenant_7.polls DROP COLUMN question');
  await draw('doctor', await run(['doctor']));
} finally {
  await browser.close();
  await database.drop();
  await server.release();
}
