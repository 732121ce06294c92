import type { QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import {
  type RewriteOptions,
  rewriteSql,
  SINGLE_SCHEMA,
} from '../../../core/single-tenant/rewrite-sql.js';
import { splitAfterExtensions } from '../../../core/single-tenant/sql-statement.js';
import { resetsAllSettings } from '../../../core/sql/transaction-control.js';
import { TransactionEndedError } from '../../../errors/schemas/transaction-ended.error.js';
import { POSTGRES_ERROR } from '../../../core/postgres-error-codes.js';
import { isCatalogueStatement } from '../../../core/sql/catalogue-statement.js';
import {
  CREATE_METADATA_TABLE,
  identifyStatement,
  writesMetadata,
} from '../../catalog/typeorm-metadata.js';
import { createsExtension } from '../../session/extension-lock.js';
import { installRequiredExtensions } from './install-required-extensions.js';
import { extensionNamesOf, forgetExtensionNames } from './read-extension-names.js';

/** Configures the rewriting of a migration. */
interface MigrationRewriteOptions extends Omit<RewriteOptions, 'extensions'> {
  /** Whether to install the extensions of the entities before the first statement. */
  readonly installsExtensions: boolean;
}

/** Lists the errors of a statement that names an object of a missing extension. */
const MISSING: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.undefinedFunction,
  POSTGRES_ERROR.undefinedObject,
]);

/** Runs work whose statements on the query runner are rewritten for the tenant. */
export async function rewriteStatements(
  queryRunner: QueryRunner,
  { installsExtensions, ...options }: MigrationRewriteOptions,
  work: () => Promise<unknown>,
): Promise<void> {
  const { query, stream } = queryRunner;
  const send = query.bind(queryRunner);
  let hasMetadata = false;
  let installed: Promise<string | undefined> | undefined;
  const rewrite = async (text: string): Promise<string> => {
    if (resetsAllSettings(text)) throw TransactionEndedError.refusingReset();
    if (installsExtensions) await (installed ??= installRequiredExtensions(queryRunner, send));
    const extensions = await extensionNamesOf(queryRunner, send);
    if (createsExtension(text)) forgetExtensionNames(queryRunner);
    // TypeORM's own executor creates this table before migrations.
    if (writesMetadata(text) && !hasMetadata) {
      hasMetadata = true;
      await send(CREATE_METADATA_TABLE);
      await send(identifyStatement(TENANT_SCHEMA));
    }
    return rewriteSql(text, { ...options, extensions });
  };
  const pending = new Set<Promise<unknown>>();
  /** Sends a statement, and notes it until its result is there. */
  const note = <T>(sent: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = sent.then(
      () => pending.delete(settled),
      () => pending.delete(settled),
    );
    pending.add(settled);
    return sent;
  };
  const sendRewritten = async (
    text: string,
    parameters?: unknown[],
    isStructured?: boolean,
  ): Promise<unknown> => {
    const parts = createsExtension(text) ? splitAfterExtensions(text) : [text];
    const last = parts.pop() as string;
    for (const part of parts) await send(await rewrite(part));
    return send(await rewrite(last), rewriteParameters(text, parameters), isStructured as true);
  };
  Object.assign(queryRunner, {
    query: (...args: Parameters<typeof sendRewritten>) => note(sendRewritten(...args)),
    stream: (text: string, parameters?: unknown[], ...rest: []) =>
      note(
        rewrite(text).then((rewritten) =>
          stream.call(queryRunner, rewritten, rewriteParameters(text, parameters), ...rest),
        ),
      ),
  });
  try {
    await work();
    // The migration may not await a statement. It still precedes the end of the transaction.
    while (pending.size > 0) await Promise.all(pending);
  } catch (error) {
    const failure = error as Error & { code?: unknown };
    const problem = MISSING.has(failure.code) ? await installed : undefined;
    if (problem !== undefined) failure.message += `. ${problem}`;
    throw error;
  } finally {
    Object.assign(queryRunner, { query, stream });
  }
}

/** Replaces `public` in parameters that name a schema. Parameters of other statements are data. */
function rewriteParameters(text: string, parameters?: unknown[]): unknown[] | undefined {
  if (!parameters || !isCatalogueStatement(text)) return parameters;
  return parameters.map((value) => (value === SINGLE_SCHEMA ? TENANT_SCHEMA : value));
}
