// The OpenAPI document that the real server serves: a linter finds no fault with it, and a client that is generated
// from it, and compiled against it, walks the whole API. What the client's package needs: test/client.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OpenApi, operationsOf } from '../http/open-api/open-api.js';
import { type RunningServer, SERVER_KEY, startServer } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const exec = promisify(execFile);

// Compilers and linters are processes of their own, on a machine with others.
jest.setTimeout(300_000);

let database: TestDatabase;
let server: RunningServer;
let folder: string;
let file: string;
let document: OpenApi;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({ DATABASE_URL: database.url });
  const text = await (await fetch(`${server.url}/docs-json`)).text();
  document = JSON.parse(text) as OpenApi;
  folder = mkdtempSync(join(tmpdir(), 'nts-'));
  file = join(folder, 'openapi.json');
  writeFileSync(file, text);
});

afterAll(async () => {
  await server?.stop('SIGTERM');
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Lints a document; the report is the linter's own. */
async function lint(path: string): Promise<{ errors: number; warnings: number }> {
  const args = ['lint', '--config', 'redocly.yaml', '--format', 'json', path];
  const { stdout } = await exec('node_modules/.bin/redocly', args, {
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }).catch((error: { stdout: string }) => error);
  const { totals } = JSON.parse(stdout) as { totals: { errors: number; warnings: number } };
  return totals;
}

const client = async (script: string, ...args: string[]): Promise<string> => {
  const run = exec('npm', ['run', '-s', script, '--', ...args], { cwd: 'test/client' });
  return (await run).stdout;
};

it('is faultless to a linter, which finds a fault where there is one', async () => {
  expect(await lint(file)).toMatchObject({ errors: 0, warnings: 0 });
  const faulty = join(folder, 'faulty.json');
  writeFileSync(faulty, JSON.stringify({ ...document, servers: [] }));
  expect(await lint(faulty)).toMatchObject({ errors: 1 });
});

it('makes a client that walks the whole API: every operation there is', async () => {
  await client('generate', file);
  await client('compile');
  const called = JSON.parse(await client('walk', server.url, SERVER_KEY)) as string[];
  expect(called).toEqual(
    operationsOf(document)
      .map(({ name }) => name)
      .toSorted(),
  );
});
