// Builds the application, whose processes many specs run, and starts the test servers in a process of their own,
// which stops them when this one is gone, however it went.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export default async function globalSetup() {
  // Here, because in a spec the build would count against that spec's time limit.
  execFileSync(process.execPath, ['scripts/build-if-stale.js'], { stdio: 'inherit' });
  const child = spawn(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', 'test/support/test-servers.ts'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The test servers did not start (exit ${code}); the reason is above.`);
    }),
  ]);
  process.env.NTS_TEST_SERVERS = line;
  globalThis.stopTestServers = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
}
