import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from '@swc/core';
import { until } from 'test-support/poll.js';
import { type ProcessOptions, TestProcess } from './test-process.js';

const REPOSITORY = resolve(__dirname, '../../../..');
export const NODE_MODULES = join(REPOSITORY, 'node_modules');
const PACKAGE = 'packages/embedded-postgres-server';
const SOURCES = ['src', 'test/support'].map((folder) => join(PACKAGE, folder));

/**
 * A temporary directory with the code under test, built for plain node, and with data directories; keeps account of the
 * processes that run in it, and ends all of them when it is removed, whatever the tests did.
 */
export class Sandbox {
  private readonly processes: TestProcess[] = [];
  private nextDataDir = 1;
  private cluster?: Promise<string>;

  private constructor(readonly root: string) {}

  static async create(): Promise<Sandbox> {
    const root = await mkdtemp(join(tmpdir(), 'nts-embedded-'));
    // Tests run processes of other users here.
    await chmod(root, 0o755);
    const sandbox = new Sandbox(root);
    await sandbox.build(join(root, 'repository'));
    return sandbox;
  }

  /** Path of a data directory that does not exist yet. */
  dataDir(): string {
    return join(this.root, `data-${this.nextDataDir++}`);
  }

  /**
   * Path of a data directory with a cluster whose server is stopped, and without the port of an earlier start. A copy, because
   * initdb takes more time than all else that a spec does.
   */
  async usedDataDir(): Promise<string> {
    const dataDir = this.dataDir();
    // Unlike `cp` of Node.js it keeps the owner.
    await promisify(execFile)('cp', ['-a', await (this.cluster ??= this.makeCluster()), dataDir]);
    return dataDir;
  }

  private async makeCluster(): Promise<string> {
    const dataDir = this.dataDir();
    const maker = this.process();
    await maker.acquire(dataDir);
    await maker.release();
    for (const name of ['port', 'server.log']) await rm(join(dataDir, 'postgres', name));
    return dataDir;
  }

  process(options: ProcessOptions = {}, repository = join(this.root, 'repository')): TestProcess {
    const process = new TestProcess(join(repository, PACKAGE, 'test/support/child.js'), options);
    this.processes.push(process);
    return process;
  }

  /** Builds the code at `target`, with the installed packages that it needs unless it has its own. */
  async build(target: string, hasModules = false): Promise<void> {
    for (const folder of SOURCES) {
      const names = await readdir(join(REPOSITORY, folder), { recursive: true });
      for (const name of names.filter((each) => each.endsWith('.ts'))) {
        const source = await readFile(join(REPOSITORY, folder, name), 'utf8');
        const { code } = await transform(source, {
          swcrc: false,
          jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
          module: { type: 'es6' },
        });
        const built = join(target, folder, name.replace(/ts$/, 'js'));
        await mkdir(dirname(built), { recursive: true });
        await writeFile(built, code);
      }
    }
    await writeFile(join(target, 'package.json'), '{ "type": "module" }');
    if (hasModules) return;
    await mkdir(join(target, 'node_modules'));
    for (const name of await neededPackages()) await provide(name, join(target, 'node_modules'));
  }

  /** Kills what is left, servers included, and removes everything. */
  async remove(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await until('all processes of the sandbox are gone', async () => {
      const pids = await this.strays();
      for (const pid of pids) kill(pid);
      return pids.length === 0;
    });
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  private async strays(): Promise<number[]> {
    if (process.platform !== 'linux') return this.postmasters();
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
    const inside = await Promise.all(
      pids.map(async (pid) => {
        const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
        return cwd !== '' && !relative(this.root, cwd).startsWith('..');
      }),
    );
    return pids.filter((_, index) => inside[index]);
  }

  private async postmasters(): Promise<number[]> {
    const found = await Promise.all(
      (await readdir(this.root)).map((name) =>
        readFile(join(this.root, name, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => ''),
      ),
    );
    return found.map((content) => Number.parseInt(content, 10)).filter((pid) => pid > 0);
  }
}

/** Packages that the code under test runs with. */
const NEEDED = /^(?:pg|pg-.+|pgpass|postgres-.+|split2|xtend|@?embedded-postgres|async-exit-hook)$/;

/** Names of the installed packages that the code needs. */
export async function neededPackages(): Promise<string[]> {
  return (await readdir(NODE_MODULES)).filter((name) => NEEDED.test(name));
}

/**
 * Gives a directory a package: a link to the installed one, or a copy where other users cannot reach that,
 * as in a clone under a home of mode 0700.
 */
export async function provide(name: string, modules: string): Promise<void> {
  const from = join(NODE_MODULES, name);
  const to = join(modules, name);
  if (await isReachableByOthers(from)) await symlink(from, to);
  else await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

async function isReachableByOthers(path: string): Promise<boolean> {
  const OTHERS_MAY_ENTER = 0o001;
  for (let each = path; each !== dirname(each); each = dirname(each)) {
    if (((await stat(each)).mode & OTHERS_MAY_ENTER) === 0) return false;
  }
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}
