import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = (...args: string[]): Promise<{ stdout: string }> =>
  promisify(execFile)('node_modules/.bin/tenant-schemas', args);

it('has the commands of an operator', async () => {
  await run('create-tenant', '--name', 'Acme');
  expect((await run('list-tenants')).stdout).toMatch(/^Acme +acme +\S+ +no$/m);
  expect((await run('migrations-status')).stdout).toContain('acme: up to date (1 applied)');
  await run('delete-tenant', 'acme', '--force');
});

it('exits with the code of a failure', async () => {
  await expect(run('suspend-tenant', 'acme')).rejects.toMatchObject({
    code: 2,
    stderr: 'No tenant has the schema acme.\n',
  });
});
