import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';

/** The oldest version of node-postgres that the engine is tested with. */
const OLDEST = [8, 20] as const;

/** Exists in CommonJS, which the published package is. Sources that run as ES modules do not check. */
declare const require: { resolve(name: string): string } | undefined;

/**
 * Checks the installed version of node-postgres. npm installs an older one with `--legacy-peer-deps`.
 *
 * @throws TenancyOptionsError if it is too old
 */
export function assertDriverVersion(version = installedVersion()): void {
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? OLDEST;
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new TenancyOptionsError(
    'tenantDataSourceOptions: pg',
    `must be ${OLDEST.join('.')} or newer (got ${version}). Install it: npm i pg@${oldestMajor}`,
  );
}

function installedVersion(): string | undefined {
  if (typeof require === 'undefined') return undefined;
  try {
    // Older versions do not export their package.json.
    const file = join(dirname(require.resolve('pg')), '../package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
  } catch {
    // A bundle has no package.json of its packages.
    return undefined;
  }
}
