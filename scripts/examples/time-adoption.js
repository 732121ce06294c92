// Times how a single-tenant application gets two isolated tenants by the commands of docs/adding-tenants.md, and checks the
// result over HTTP. Uses the server of TEST_DATABASE_URL or an embedded PostgreSQL, and a database of its own.
// Usage: node scripts/examples/time-adoption.js
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { send, whileServing } from './example-application.js';
import { createDatabase, startServer } from './example-server.js';
import { packEngine } from '../build/pack-engine.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/adopt-nest-11');
const QUIET = ['--no-audit', '--no-fund'];
const ADA = { email: 'ada@example.com', password: 'correct horse' };
const ARTICLE = { title: 'First', author: ADA.email };

/** Copies the application as it is before it has the engine. */
function copyApplication(target) {
  mkdirSync(target);
  for (const path of ['src', 'tsconfig.json']) {
    cpSync(join(EXAMPLE, path), join(target, path), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8'));
  delete manifest.dependencies['nest-tenant-schemas'];
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, null, 2));
}

/** Runs a command and returns its output. A failed command throws an error with its output. */
function run(cwd, env, command, ...args) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  const reason = error?.message ?? `ended with ${status ?? signal}`;
  throw new Error(`${[command, ...args].join(' ')}: ${reason}\n${stdout ?? ''}${stderr ?? ''}`);
}

/** Sends a request and returns the body of the answer. Throws an error if the answer differs from the expected one. */
async function expectAnswer(title, [url, request], status, body) {
  const answer = await send(url, request);
  if (answer[0] === status && (!body || isDeepStrictEqual(answer[1], body))) return answer[1];
  const expected = body ? `${status} ${JSON.stringify(body)}` : status;
  throw new Error(`${title}: expected ${expected}, got ${answer[0]} ${JSON.stringify(answer[1])}`);
}

/** Registers a user and writes an article. */
async function writeArticle(url) {
  await expectAnswer('Registration', [`${url}/auth/register`, { body: ADA }], 201);
  const { token } = await expectAnswer('Login', [`${url}/auth/login`, { body: ADA }], 201);
  const request = { token, body: { title: ARTICLE.title } };
  await expectAnswer('New article', [`${url}/articles`, request], 201, ARTICLE);
}

/** Returns the id that a command prints of a tenant. */
function idOf(output) {
  const id = /^ +id +(\S+)$/m.exec(output)?.[1];
  if (id) return id;
  throw new Error(`The command printed no tenant id:\n${output}`);
}

/** Checks that Acme has the earlier data, that Globex has none of it, and that tokens and requests need their tenant. */
async function checkTenants(url, acme, globex, query) {
  const logIn = (tenant) => [`${url}/auth/login`, { tenant, body: ADA }];
  const list = (tenant, token) => [`${url}/articles`, { tenant, token }];
  const { token } = await expectAnswer('Login in Acme', logIn(acme), 201);
  await expectAnswer('Articles of Acme', list(acme, token), 200, [ARTICLE]);
  await expectAnswer('Login in Globex by a user of Acme', logIn(globex), 401);
  // With the same user id in both tenants, only the tenant in the token can reject it.
  const columns = '"id", "email", "passwordHash"';
  await query(`INSERT INTO globex."user" (${columns}) SELECT ${columns} FROM acme."user"`);
  await expectAnswer('Token of Acme in Globex', list(globex, token), 401);
  const other = await expectAnswer('Login in Globex', logIn(globex), 201);
  await expectAnswer('Articles of Globex', list(globex, other.token), 200, []);
  await expectAnswer('Request without X-Tenant-ID', list(undefined, token), 400);
}

/** Returns the steps by their titles. The first one makes the starting point. */
function stepsOf(app, tarball, { url, query }) {
  const env = { ...process.env, DATABASE_URL: url, DATABASE_DIRECT_URL: url };
  const npm = (...args) => run(app, env, 'npm', ...args);
  const cli = (...args) =>
    run(app, env, 'npx', 'tenant-schemas', '--app', 'dist/app.module.js', ...args);
  let acme;
  let globex;
  return {
    'application with one tenant': () => {
      copyApplication(app);
      npm('install', ...QUIET);
      npm('run', 'build');
      return whileServing(app, env, writeArticle);
    },
    'npm i nest-tenant-schemas nest-commander': () => npm('i', ...QUIET, tarball, 'nest-commander'),
    'tenant-schemas init': () => cli('init'),
    'changes of the source, and npm run build': () => {
      // The files count as no part of a repository.
      const outside = { ...env, GIT_CEILING_DIRECTORIES: join(app, '..') };
      run(app, outside, 'git', 'apply', join(EXAMPLE, 'add-tenants.patch'));
      npm('run', 'build');
    },
    'tenant-schemas init --apply --name Acme': () => {
      acme = idOf(cli('init', '--apply', '--name', 'Acme'));
    },
    'tenant-schemas create-tenant --name Globex': () => {
      globex = idOf(cli('create-tenant', '--name', 'Globex'));
    },
    'start, and requests to both tenants': () =>
      whileServing(app, env, (address) => checkTenants(address, acme, globex, query)),
    'tenant-schemas doctor': () => cli('doctor'),
  };
}

function print(title, ms) {
  process.stdout.write(`${title.padEnd(46)}${(ms / 1000).toFixed(1).padStart(6)} s\n`);
}

/** Runs the steps and prints the time of each, and of all steps after the first. */
async function timeSteps(steps) {
  const times = [];
  for (const [index, [title, step]] of Object.entries(steps).entries()) {
    const start = performance.now();
    try {
      await step();
    } catch (error) {
      throw new Error(`Step ${index} failed (${title}): ${error.message}`, { cause: error });
    }
    times.push(performance.now() - start);
  }
  for (const [index, title] of Object.keys(steps).entries()) {
    print(`${index}. ${title}`, times[index]);
  }
  const total = times.slice(1).reduce((sum, ms) => sum + ms);
  print('   total without step 0', total);
}

const folder = mkdtempSync(join(tmpdir(), 'tenant-schemas-adoption-'));
try {
  const tarball = packEngine(folder);
  const server = await startServer(join(folder, 'data'));
  try {
    const database = await createDatabase(server.url);
    try {
      await timeSteps(stepsOf(join(folder, 'app'), tarball, database));
    } finally {
      await database.drop();
    }
  } finally {
    await server.release();
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
