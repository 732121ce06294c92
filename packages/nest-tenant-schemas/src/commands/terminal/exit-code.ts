import { TenantNotFoundError } from '../../index.js';

/** Exit codes of every command. One that a signal ended exits with 128 and the signal's number. */
export enum ExitCode {
  Done = 0,
  Failed = 1,
  WrongUsage = 2,
}

/** Thrown for arguments that cannot be right: exit 2. Its message says what to type. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Thrown when the command has said on stderr what failed: exit 1, nothing more to print. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure';
}

/** The exit code that an error means. Commander's own errors are wrong usage, but for help. */
export function exitCodeOf(error: Error): ExitCode {
  const { exitCode } = error as { exitCode?: unknown };
  if (isCommanders(error)) return exitCode === 0 ? ExitCode.Done : ExitCode.WrongUsage;
  // Nobody but the user names tenants to a command.
  const isWrongUsage = error instanceof UsageError || error instanceof TenantNotFoundError;
  return isWrongUsage ? ExitCode.WrongUsage : ExitCode.Failed;
}

/** What to print of an error, or undefined when it has been printed. */
export function problemOf(error: Error): string | undefined {
  return error instanceof ReportedFailure || isCommanders(error) ? undefined : error.message;
}

function isCommanders(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('commander.');
}
