import type { ServerAccount } from '../binaries/account.js';
import type { Binaries } from '../binaries/binaries.js';
import type { Layout } from '../layout.js';

/** What is needed to handle one server, put together once for each acquisition. */
export interface Server {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly account: ServerAccount;
  /** Server settings by name, on top of our own. */
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/**
 * How the programs are told where `directory` is; they must be run with it as their working directory.
 *
 * Root's data may lie in a directory that the server's account cannot pass through (root's own home). PostgreSQL turns
 * every path into an absolute one and looks it up, `.` too, but a link of /proc leads straight to the directory.
 */
export function pgdata(account: ServerAccount, directory: string): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : directory;
}
