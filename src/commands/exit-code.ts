/** Exit codes of every command. */
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
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
  if (typeof code === 'string' && code.startsWith('commander.')) {
    return exitCode === 0 ? ExitCode.Done : ExitCode.WrongUsage;
  }
  return error instanceof UsageError ? ExitCode.WrongUsage : ExitCode.Failed;
}

/** What to print of an error, or undefined when it has been printed. */
export function problemOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  const isPrinted =
    error instanceof ReportedFailure || (typeof code === 'string' && code.startsWith('commander.'));
  return isPrinted ? undefined : error.message;
}
