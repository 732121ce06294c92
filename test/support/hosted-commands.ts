import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { childEnvironment, type Outcome } from './processes.js';

/** Environment variable in which the global set-up passes the socket of the host to its workers. */
const COMMAND_HOST_VARIABLE = 'NTS_COMMAND_HOST';

/**
 * Runs a command to its end, without a terminal, in a process that has loaded the application (command-host.js).
 * For what a command does, prints and exits with; where its process is the matter (its start and end, signals, its
 * input), `runCommand` starts one.
 */
export function runHosted(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socketPath = process.env[COMMAND_HOST_VARIABLE];
    request({ socketPath, method: 'POST' }, (response) => {
      (json(response) as Promise<Outcome>).then(resolve, reject);
    })
      .on('error', reject)
      .end(JSON.stringify({ args, env: childEnvironment(env) }));
  });
}
