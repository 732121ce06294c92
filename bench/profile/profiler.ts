import { type Profiler, Session } from 'node:inspector';
import { promisify } from 'node:util';

/** Microseconds between two samples. */
const INTERVAL = 200;

const session = new Session();

/** Begins to sample where the process spends its time. */
export async function startProfile(): Promise<void> {
  session.connect();
  const post = promisify(session.post.bind(session)) as (
    method: string,
    parameters?: object,
  ) => Promise<unknown>;
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await post('Profiler.start');
}

export function stopProfile(): Promise<Profiler.Profile> {
  return new Promise((resolve, reject) => {
    session.post('Profiler.stop', (error, { profile }) => {
      session.disconnect();
      if (error) reject(error);
      else resolve(profile);
    });
  });
}
