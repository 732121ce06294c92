import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = (...args: string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, ['dist/cli.js', ...args]);

it('has the commands of an operator', async () => {
  expect((await run('migrations-status')).stdout).toBe('public: up to date (0 applied)\n');
  expect((await run('list-tenants')).stdout).toBe('There are no tenants yet.\n');
});

it('exits with the code of a failure', async () => {
  await expect(run('rename-tenant', 'acme', '--schema', 'other')).rejects.toMatchObject({
    code: 2,
    stderr: 'No tenant has the schema acme.\n',
  });
});
