import type { ServerAccount } from '../binaries/account.js';
import type { Binaries } from '../binaries/binaries.js';
import type { Layout } from '../layout.js';

/** Describes one embedded server. Each acquisition creates it once. */
export interface Server {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly account: ServerAccount;
  /** Additional settings of the server, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/**
 * Returns the path of `directory` for the programs. Run them with `directory` as their working directory.
 *
 * Root's data may be below a directory that the server's account cannot traverse, such as root's home. PostgreSQL converts each
 * path, also `.`, to an absolute path, and could not open it. A link in /proc leads directly to the directory.
 */
export function pgdata(account: ServerAccount, directory: string): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : directory;
}
