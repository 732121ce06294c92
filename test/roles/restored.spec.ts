// docs/guides/backups.md restores a deleted tenant with roles: the owner role first creates the tenant's role.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POSTGRES_15 } from 'test-support/throw-away.js';
import { testServer } from 'test-support/test-server.js';
import { newClient } from '../schemas/support.js';
import {
  createRoleDatabase,
  openMigrated,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

let database: RoleDatabase;
let schemas: RoleSchemas;
let directory: string;

beforeAll(async () => {
  // pg_dump must have the version of the server.
  if (globalThis.testServerName !== 'given') globalThis.testServerName = '15';
  database = await createRoleDatabase();
  schemas = await openMigrated(database);
  directory = mkdtempSync(join(tmpdir(), 'nts-dump-'));
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await schemas.dataSource.destroy();
  await database.drop();
});

function run(program: string, ...args: string[]): void {
  const url = new URL(testServer().superuserUrl);
  url.pathname = `/${database.name}`;
  execFileSync(join(POSTGRES_15, program), [...args, url.href], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

it('restores a deleted tenant with its role', async () => {
  const acme = newClient('acme');
  await schemas.provisioner.create(acme);
  const file = join(directory, 'acme.sql');
  run('pg_dump', '--schema=acme', `--file=${file}`);
  await schemas.provisioner.drop(acme);
  const restore = (): void =>
    run('psql', '--single-transaction', '-v', 'ON_ERROR_STOP=1', '-f', file);
  expect(restore).toThrow('does not exist');
  run(
    'psql',
    '-c',
    `SET ROLE "${database.owner}"`,
    '-c',
    `CREATE ROLE "${database.roleOf('acme')}"`,
  );
  restore();
  await schemas.dataSource.transaction((manager) => schemas.registry.insert(manager, acme));
  const found: string[] = [];
  for await (const finding of schemas.doctor.examine()) {
    found.push(finding.code);
    expect(await schemas.doctor.fix(finding)).toBe(true);
  }
  expect(found).toEqual(['GRANTS_DIFFER']);
  for await (const finding of schemas.doctor.examine()) found.push(finding.code);
  expect(found).toHaveLength(1);
});
