import { open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';

/** A log this big is put aside at the next start, so at most twice this much is kept. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

export interface ServerLog {
  readonly file: FileHandle;
  /** The last lines written since it was opened. */
  tail(lines?: number): Promise<string>;
}

/** Opens the server's log for appending. The caller closes `file`; the server has its own descriptor by then. */
export async function openServerLog(path: string): Promise<ServerLog> {
  let start = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (start > MAX_LOG_BYTES) {
    await rename(path, `${path}.old`);
    start = 0;
  }
  const file = await open(path, 'a', 0o600);
  return {
    file,
    async tail(lines = 12) {
      const written = (await readFile(path)).subarray(start).toString().trim();
      return written.split('\n').slice(-lines).join('\n');
    },
  };
}
