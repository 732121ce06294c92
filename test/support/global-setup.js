// Builds the application, whose processes many specs run, and starts the processes that serve all specs: they stop
// when this one is gone, however it went.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { memoryDirectory } from './memory-directory.js';
import { bundleDependencies } from './modules/bundle-dependencies.js';

/** What each prints in its first line, by the variable through which specs get it. */
const HELPERS = {
  NTS_TEST_SERVERS: [
    '--conditions=workspace-source',
    '--import=@swc-node/register/esm-register',
    'packages/test-support/src/test-servers.ts',
  ],
  NTS_COMMAND_HOST: ['test/support/command-host.js'],
};

export default async function globalSetup() {
  // Here, because in a spec the build would count against that spec's time limit.
  execFileSync(process.execPath, ['scripts/build/build-if-stale.js'], { stdio: 'inherit' });
  process.env.NTS_TEST_DEPENDENCIES = await bundleDependencies();
  // Jest's own cache stays where it is.
  process.env.TMPDIR ??= memoryDirectory() ?? tmpdir();
  const children = [];
  globalThis.stopTestHelpers = () => Promise.all(children.map(stop));
  for (const [variable, args] of Object.entries(HELPERS)) {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    process.env[variable] = await firstLine(child, args.at(-1));
  }
}

async function firstLine(child, name) {
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${name} did not start (exit ${code}); the reason is above.`);
    }),
  ]);
  return line;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
}
