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
 * Returns PostgreSQL programs that `account` can run: those of the installed package if possible, otherwise a copy. The copy is
 * needed if the package is in root's home, or if its links are missing in a read-only directory.
 */
export async function locateBinaries(account: ServerAccount): Promise<Binaries> {
  const installed = installedDirectory();
  // With `npm ci --ignore-scripts`, the install script of the package has not created the links.
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
  // Only a run detects no-exec mounts, unreachable parent directories and missing libraries. File modes do not.
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
    // Resolve it from the package that depends on it, because some package managers do not hoist it.
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
