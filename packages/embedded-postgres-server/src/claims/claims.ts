import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from './processes.js';

/**
 * A directory of empty files, each named after the process that made it: `<pid>.<start>.<random>`.
 *
 * All that is known of a claim is its name, so it appears in one step and is never read half-written. No two claims ever
 * share a name, so one whose process is dead can be removed by anybody at any time without hitting a new one.
 */
export class Claims {
  constructor(private readonly directory: string) {}

  /** Makes a claim of this process; as many at once as wanted. Returns its name. */
  async add(): Promise<string> {
    const identity = await processIdentity(process.pid);
    // Without an identity, other processes could not check whether this process runs.
    if (!identity)
      throw new Error(
        'The start time of this process cannot be read. Check that /proc is mounted.',
      );
    const name = `${process.pid}.${identity}.${randomBytes(6).toString('hex')}`;
    await writeFile(join(this.directory, name), '', { flag: 'wx', mode: 0o600 });
    return name;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name), { force: true });
  }

  /** The claims of living processes; those of dead ones are removed on the way. */
  async live(): Promise<string[]> {
    const names = await readdir(this.directory);
    const alive = await Promise.all(
      names.map(async (name) => {
        if (await isAlive(name)) return true;
        await this.remove(name);
        return false;
      }),
    );
    return names.filter((_, index) => alive[index]);
  }
}

/** The process that a claim names. */
export function claimant(name: string): number {
  return Number.parseInt(name, 10);
}

async function isAlive(name: string): Promise<boolean> {
  const [pid, identity] = name.split('.');
  // No pid is below 1, and 0 or a negative number would mean a process group.
  return Number(pid) > 0 && (await processIdentity(Number(pid))) === identity;
}
