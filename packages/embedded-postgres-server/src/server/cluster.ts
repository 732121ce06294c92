import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import { readIfExists } from '../private-file.js';
import { run } from './run.js';
import { APPLICATION_ROLE, readOrMakeSecrets, type Secrets, SUPERUSER_ROLE } from './secrets.js';
import { pgdata, type Server } from './server.interface.js';

const STAGING_PREFIX = 'initdb-';

/**
 * Creates the cluster if it does not exist: initdb, the logins and the application's database. It works in a temporary directory,
 * and renames it when it is complete. A killed process leaves only this directory, which the next start removes.
 */
export async function ensureCluster(server: Server): Promise<void> {
  const { layout, binaries, log } = server;
  await removeStaging(layout.root);
  const found = (await readIfExists(join(layout.cluster, 'PG_VERSION')))?.trim();
  const major = binaries.version.split('.')[0];
  if (found === major) return;
  if (found !== undefined) {
    throw new EmbeddedPostgresError(
      'OTHER_VERSION',
      `The data in ${layout.name} belongs to PostgreSQL ${found}, but the installed version is ${major}. Move ${layout.root} ` +
        `away to start with an empty database. Or set DATABASE_URL to a server of version ${found}.`,
    );
  }
  log(`making a PostgreSQL ${binaries.version} cluster in ${layout.name} (first start only)`);
  await make(server, await readOrMakeSecrets(layout));
}

async function make(server: Server, secrets: Secrets): Promise<void> {
  const { layout, account } = server;
  const staging = join(layout.root, STAGING_PREFIX + randomBytes(6).toString('hex'));
  await mkdir(staging, { mode: 0o700 });
  try {
    if (account) await chown(staging, account.uid, account.gid);
    await initdb(server, staging);
    await writeAccessRules(server, staging);
    await bootstrap(server, staging, secrets);
    await rename(staging, layout.cluster);
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

async function initdb(server: Server, directory: string): Promise<void> {
  await must(server, directory, 'initdb', server.binaries.initdb, [
    `--pgdata=${pgdata(server.account, directory)}`,
    `--username=${SUPERUSER_ROLE}`,
    // The final rules are written later. Until then all logins are rejected.
    '--auth=reject',
    '--no-instructions',
    '--encoding=UTF8',
    // PostgreSQL's own collation, with the same order on all systems and locales.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(isThrowAway(server) ? ['--no-sync'] : []),
  ]);
}

async function writeAccessRules(server: Server, directory: string): Promise<void> {
  const path = join(directory, 'pg_hba.conf');
  // Root removes the file first, because it must not write through a link that the server's account may have created.
  await rm(path);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(
      '# Loopback only, by password.\nhost all all 127.0.0.1/32 scram-sha-256\n',
    );
    if (server.account) await file.chown(server.account.uid, server.account.gid);
  } finally {
    await file.close();
  }
}

/** Creates the logins and the database in single-user mode. Passwords go through standard input, not arguments or a file. */
async function bootstrap(server: Server, directory: string, secrets: Secrets): Promise<void> {
  // One statement a line. Quoting is not needed: the names are constants, and the passwords are base64url.
  const statements = [
    `ALTER ROLE ${SUPERUSER_ROLE} PASSWORD '${secrets[SUPERUSER_ROLE]}'`,
    `CREATE ROLE ${APPLICATION_ROLE} LOGIN NOSUPERUSER CREATEDB CREATEROLE PASSWORD '${secrets[APPLICATION_ROLE]}'`,
    // The owner may create schemas in it.
    `CREATE DATABASE ${APPLICATION_ROLE} OWNER ${APPLICATION_ROLE}`,
    // An unqualified table name is an error, not a silent use of public.
    `ALTER ROLE ${APPLICATION_ROLE} IN DATABASE ${APPLICATION_ROLE} SET search_path TO ''`,
  ];
  const args = ['--single', '-D', pgdata(server.account, directory)];
  // Without log_min_error_statement, PostgreSQL would log a failing statement with its password.
  args.push('-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic');
  if (isThrowAway(server)) args.push('-F');
  const input = statements.map((statement) => `${statement};\n`).join('');
  await must(
    server,
    directory,
    'bootstrap',
    server.binaries.postgres,
    [...args, 'postgres'],
    input,
  );
}

async function must(
  server: Server,
  cwd: string,
  step: string,
  program: string,
  args: string[],
  input?: string,
): Promise<void> {
  const { status, output } = await run(program, args, { account: server.account, cwd, input });
  if (status === 0) return;
  const reason = output.trim().split('\n').slice(-12).join('\n');
  throw new EmbeddedPostgresError(
    'INIT_FAILED',
    `A new PostgreSQL cluster could not be created in ${server.layout.name} (${step} ended with status ${status}):\n` +
      `${reason}\nCorrect this, or set DATA_DIR to another directory. ${USE_ANOTHER_SERVER}`,
  );
}

/** Returns whether the data may be lost. The caller says so with fsync off. */
function isThrowAway(server: Server): boolean {
  return server.settings['fsync'] === 'off';
}

async function removeStaging(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(STAGING_PREFIX)) continue;
    // The initdb of a killed process may still write to the directory, so the removal is retried. A rest does no harm, and the
    // next start removes it.
    const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 };
    await rm(join(root, name), options).catch(() => undefined);
  }
}
