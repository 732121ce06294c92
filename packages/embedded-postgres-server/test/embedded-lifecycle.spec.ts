// Proves: a data directory has one server, shared by the processes that use it; it outlives the one that started it and
// ends with the last; data, login and URL are kept; what the application's login may do; who can read the passwords.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireEmbeddedPostgres } from '../src/index.js';
import { list, query, serverPid } from 'test-support/inspect.js';
import { Sandbox } from './support/sandbox.js';

describe('the embedded server', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await Sandbox.create();
  });
  afterAll(() => sandbox.remove());

  it('is made on first use and says where it is', async () => {
    const dataDir = sandbox.dataDir();
    const server = await acquireEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    const { port } = new URL(server.url);
    expect(server.description).toBe(`embedded PostgreSQL 18.4, port ${port}, data in ${dataDir}`);
    expect(await query(server.url, 'SELECT current_user, current_database()')).toEqual([
      { current_user: 'tenant_schemas', current_database: 'tenant_schemas' },
    ]);
    await server.release();
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('outlives the process that started it as long as another uses it', async () => {
    const dataDir = await sandbox.usedDataDir();
    const [starter, other] = [sandbox.process(), sandbox.process()];
    const first = await starter.acquire(dataDir);
    const second = await other.acquire(dataDir);
    expect(second.url).toBe(first.url);
    const pid = await serverPid(dataDir);
    expect((await starter.release()).logs).toEqual([]);
    await starter.kill();
    expect(await serverPid(dataDir)).toBe(pid);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await other.release()).logs).toEqual(['stopped PostgreSQL']);
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('counts how often one process acquired it, and each release once', async () => {
    const dataDir = await sandbox.usedDataDir();
    const options = { dataDir, settings: { fsync: 'off' } };
    const [first, second] = await Promise.all([
      acquireEmbeddedPostgres(options),
      acquireEmbeddedPostgres(options),
    ]);
    expect(second.url).toBe(first.url);
    await Promise.all([first.release(), first.release(), first.release()]);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.release();
    expect(await serverPid(dataDir)).toBeUndefined();
  });

  it('keeps data and URL from one start to the next', async () => {
    const dataDir = await sandbox.usedDataDir();
    const process = sandbox.process();
    const before = await process.acquire(dataDir);
    await query(before.url, 'CREATE SCHEMA kept; CREATE TABLE kept.things AS SELECT 42 AS answer');
    await process.release();
    const after = await process.acquire(dataDir);
    expect(after.url).toBe(before.url);
    expect(await query(after.url, 'SELECT answer FROM kept.things')).toEqual([{ answer: 42 }]);
    await process.release();
  });

  it('is another one, on another port, for another data directory', async () => {
    const [one, two] = [await sandbox.usedDataDir(), await sandbox.usedDataDir()];
    const process = sandbox.process();
    const [first, second] = await Promise.all([process.acquire(one), process.acquire(two)]);
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    await query(first.url, 'CREATE SCHEMA only_here');
    await expect(query(second.url, 'DROP SCHEMA only_here')).rejects.toThrow('does not exist');
    await Promise.all([process.release(), process.release()]);
    expect([await serverPid(one), await serverPid(two)]).toEqual([undefined, undefined]);
  });

  it('creates a login that owns the database and is not a superuser', async () => {
    const process = sandbox.process();
    const { url } = await process.acquire(await sandbox.usedDataDir());
    const role = `SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = current_user`;
    expect(await query(url, role)).toEqual([
      { rolsuper: false, rolcreatedb: true, rolcreaterole: true, rolcanlogin: true },
    ]);
    await query(url, 'CREATE SCHEMA of_my_own');
    await query(url, 'CREATE ROLE a_tenant NOLOGIN');
    await query(url, 'CREATE TABLE public.shared (id int)');
    await expect(query(url, 'SELECT * FROM shared')).rejects.toThrow('does not exist');
    await process.release();
  });

  it('listens on loopback only, by password only, and allows 200 connections', async () => {
    const process = sandbox.process();
    const dataDir = await sandbox.usedDataDir();
    const { url } = await process.acquire(dataDir);
    const settings = `SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN
      ('listen_addresses', 'max_connections', 'server_encoding') ORDER BY name`;
    expect((await query(url, settings)).map((row) => Object.values(row))).toEqual([
      ['listen_addresses', '127.0.0.1'],
      ['max_connections', '200'],
      ['server_encoding', 'UTF8'],
    ]);
    for (const user of ['tenant_schemas', 'postgres']) {
      const wrong = new URL(url);
      Object.assign(wrong, { username: user, password: 'wrong' });
      await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('authentication failed');
    }
    await process.release();
  });

  it('lets the kept password of the superuser in', async () => {
    const process = sandbox.process();
    const dataDir = await sandbox.usedDataDir();
    const { url } = await process.acquire(dataDir);
    const secrets = await readFile(join(dataDir, 'postgres/secrets.json'), 'utf8');
    const admin = new URL(url);
    const { postgres } = JSON.parse(secrets) as { postgres: string };
    Object.assign(admin, { username: 'postgres', password: postgres });
    expect(await query(admin.href, 'SELECT current_user')).toEqual([{ current_user: 'postgres' }]);
    await process.release();
  });

  it('keeps the passwords in a file of its owner only, out of logs, arguments and environments', async () => {
    const process = sandbox.process();
    const dataDir = sandbox.dataDir();
    const { url, logs, description } = await process.acquire(dataDir);
    const path = join(dataDir, 'postgres/secrets.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const pid = await serverPid(dataDir);
    const where = ['cmdline', 'environ'].map((name) => `/proc/${pid}/${name}`);
    const log = join(dataDir, 'postgres/server.log');
    const texts = [description, ...logs, await readFile(log, 'utf8')];
    for (const file of where) texts.push(await readFile(file, 'utf8').catch(() => ''));
    const passwords = Object.values(JSON.parse(await readFile(path, 'utf8')) as object) as string[];
    expect(passwords).toContain(new URL(url).password);
    for (const password of passwords) expect(texts.join('\n')).not.toContain(password);
    await process.release();
  });

  it('leaves no name of a process behind', async () => {
    const dataDir = await sandbox.usedDataDir();
    const process = sandbox.process();
    await process.acquire(dataDir);
    expect(await list(dataDir, 'users')).toHaveLength(1);
    await process.release();
    expect(await list(dataDir, 'users')).toEqual([]);
    expect(await list(dataDir, 'lock')).toEqual([]);
  });
});
