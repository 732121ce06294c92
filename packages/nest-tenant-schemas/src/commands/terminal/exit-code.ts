import { TenantNotFoundError, TenantRowRejectedError } from '../../index.js';

/**
 * Lists the exit codes of all commands. A command that a signal ended exits with 128 plus the signal's
 * number.
 */
export enum ExitCode {
  Done = 0,
  Failed = 1,
  WrongUsage = 2,
}

/** Reports invalid arguments: exit 2. Its message names the correct ones. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reports a failure that is already printed on stderr: exit 1. */
export class ReportedFailure extends Error {
  override readonly name = 'ReportedFailure';
}

/** Returns the exit code of an error. Commander's own errors are wrong usage, except help. */
export function exitCodeOf(error: Error): ExitCode {
  const { exitCode } = error as { exitCode?: unknown };
  if (isCommanders(error)) return exitCode === 0 ? ExitCode.Done : ExitCode.WrongUsage;
  // In a command, only the user's arguments name tenants and give their columns.
  const isWrongUsage = [UsageError, TenantNotFoundError, TenantRowRejectedError].some(
    (kind) => error instanceof kind,
  );
  return isWrongUsage ? ExitCode.WrongUsage : ExitCode.Failed;
}

/** Returns the text to print of an error, or undefined if it was printed already. */
export function problemOf(error: Error): string | undefined {
  return error instanceof ReportedFailure || isCommanders(error) ? undefined : messageOf(error);
}

/** Returns the message of an error. If a host has several addresses, the error of the connection has its messages in a list. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError
    ? error.errors.map((each) => (each instanceof Error ? messageOf(each) : String(each))).join(' ')
    : error.name;
}

function isCommanders(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('commander.');
}
