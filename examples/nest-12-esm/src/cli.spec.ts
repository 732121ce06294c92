import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = (...args: string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, ['dist/cli.js', ...args]);

it('has the commands of an operator', async () => {
  await run('migrate-schemas', '--shared');
  expect((await run('migrations-status')).stdout).toBe('public: up to date (1 applied)\n');
  expect((await run('list-tenants')).stdout).toBe('There are no tenants yet.\n');
});

it('exits with the code of a failure', async () => {
  await run('migrate-schemas', '--shared');
  await expect(run('suspend-tenant', 'acme')).rejects.toMatchObject({
    code: 2,
    stderr: 'No tenant has the schema acme.\n',
  });
});
