// How a step of the model ended. An error that is none of these kinds is a defect, and ends the model.
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { POSTGRES_ERROR } from '../../src/core/postgres-error-codes.js';
import { TenancyError, type TenancyErrorCode } from '../../src/index.js';

/** Of the engine, or of the server, whose role may not do it. */
export type RefusalCode =
  | TenancyErrorCode
  | typeof POSTGRES_ERROR.insufficientPrivilege
  | typeof POSTGRES_ERROR.undefinedTable;

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  /** Refused by the server: the transaction has failed before (25P02). */
  | { readonly kind: 'aborted' }
  /** The connection was lost, so the result of the statement is unknown. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'unexpected'; readonly error: unknown };

/** Connection exceptions, an administrator's termination, PgBouncer's "server conn crashed". */
const CUT_CODES = /^(08...|57P0[123]|ECONNRESET|EPIPE)$/;
const CUT_MESSAGES = /connection (terminated|error|closed)|not queryable|client was closed/i;

export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    return outcomeOfError(error);
  }
}

function outcomeOfError(error: unknown): Exclude<Outcome<never>, { kind: 'done' }> {
  const cause = (error as { driverError?: unknown }).driverError ?? error;
  if (cause instanceof TenancyError) return { kind: 'refused', code: cause.code };
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  if (code === POSTGRES_ERROR.insufficientPrivilege) return { kind: 'refused', code };
  if (code === '25P02') return { kind: 'aborted' };
  const isCut =
    cause instanceof QueryRunnerAlreadyReleasedError ||
    CUT_CODES.test(code) ||
    CUT_MESSAGES.test(message);
  return isCut ? { kind: 'cut' } : { kind: 'unexpected', error };
}
