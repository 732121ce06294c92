// Makes the multi-tenant form of the application: a copy of src, with the changes of add-tenants.patch.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = import.meta.dirname;
const target = join(folder, 'multi-tenant');
rmSync(target, { recursive: true, force: true });
cpSync(join(folder, 'src'), target, { recursive: true });
execFileSync('git', ['apply', '-p2', join(folder, 'add-tenants.patch')], {
  cwd: target,
  stdio: 'inherit',
  // The files count as no part of a repository.
  env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(target) },
});
