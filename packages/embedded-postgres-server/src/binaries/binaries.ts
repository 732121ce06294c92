import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServerAccount } from './account.js';
import { copyBinaries, hydrateLinks } from './binaries-copy.js';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import { errorCode } from '../private-file.js';
import { run } from '../server/run.js';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** e.g. `18.4` */
  readonly version: string;
}

/**
 * The PostgreSQL programs, at a place where `account` can run them: the installed package itself if possible, else a
 * copy outside (the package may be in root's home, or lack its links in a directory that cannot be written).
 */
export async function locateBinaries(account: ServerAccount): Promise<Binaries> {
  const installed = installedDirectory();
  // Npm may have been told not to run the package's install script, which makes these.
  await hydrateLinks(installed.native).catch(() => undefined);
  const failures: string[] = [];
  for (const base of [undefined, tmpdir(), '/var/tmp']) {
    try {
      const native = base
        ? await copyBinaries(installed.native, base, installed.version)
        : installed.native;
      return await probe(native, account);
    } catch (error) {
      failures.push(
        `${base ?? installed.native}: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  throw new EmbeddedPostgresError(
    'UNSUPPORTED_PLATFORM',
    'The embedded PostgreSQL does not run here. Linux needs glibc (so not Alpine); root needs the right to run it as ' +
      'another account (CAP_SETUID, CAP_SETGID). Tried:\n' +
      `${failures.map((line) => `  ${line}`).join('\n')}\n${USE_ANOTHER_SERVER}`,
  );
}

async function probe(native: string, account: ServerAccount): Promise<Binaries> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(native, 'bin', `${name}${suffix}`);
  const postgres = program('postgres');
  // Run, rather than judged by file modes: only this knows of no-exec mounts, unreachable parents and missing libraries.
  const { status, output } = await run(postgres, ['--version'], { account }).catch((error) => {
    throw new Error(`cannot be started (${errorCode(error)})`, { cause: error });
  });
  const version = /(\d+\.\d+)/.exec(output)?.[1];
  if (status !== 0 || !version) throw new Error(output.trim() || `ended with status ${status}`);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres, version };
}

function installedDirectory(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Through the package that depends on it, for not every package manager puts it at the top.
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    const require = createRequire(main);
    const packageRoot = dirname(dirname(require.resolve(name)));
    const { version } = require(join(packageRoot, 'package.json')) as { version: string };
    return { native: join(packageRoot, 'native'), version };
  } catch (error) {
    throw new EmbeddedPostgresError(
      'UNSUPPORTED_PLATFORM',
      `The package ${name} with the embedded PostgreSQL is not installed. If it exists for this platform, ` +
        `install again without omitting optional dependencies. ${USE_ANOTHER_SERVER}`,
      { cause: error },
    );
  }
}
