import type { DataSource, QueryRunner } from 'typeorm';
import {
  extensionOptionsOf,
  requiredExtensions,
} from '../../../connection/typeorm/required-extensions.js';
import { dataSourceOf } from '../../../connection/typeorm/typeorm-versions.js';
import { quoteIdentifier } from '../../../core/names/quote-identifier.js';
import { SINGLE_SCHEMA } from '../../../core/single-tenant/rewrite-sql.js';
import { extensionNamesOf, forgetExtensionNames } from './read-extension-names.js';

/** Holds the extensions that the login could not install, because each attempt locks out other migrations. */
const refusedOf = new WeakMap<DataSource, Set<string>>();

/**
 * Installs the missing extensions that TypeORM would have installed at the connect of a single-tenant application. Like
 * TypeORM, it continues if the login cannot install one, because the migrations may not need it.
 *
 * @returns what to add to the error of a migration that needs a missing extension, or undefined if none is missing
 */
export async function installRequiredExtensions(
  queryRunner: QueryRunner,
  query: QueryRunner['query'],
): Promise<string | undefined> {
  const dataSource = dataSourceOf(queryRunner);
  const required = requiredExtensions(dataSource, extensionOptionsOf(dataSource));
  if (required.length === 0) return undefined;
  const findMissing = async (): Promise<string[]> => {
    const { installed } = await extensionNamesOf(queryRunner, query);
    return required.filter((name) => !installed.has(name));
  };
  let missing = await findMissing();
  const refused = refusedOf.get(dataSource) ?? new Set();
  if (missing.some((name) => !refused.has(name))) {
    await query(installStatement(missing));
    forgetExtensionNames(queryRunner);
    missing = await findMissing();
    refusedOf.set(dataSource, new Set(missing));
  }
  if (missing.length === 0) return undefined;
  // After a statement with a result, the session sends each statement at once. The migration then gets its errors.
  const [{ role }] = (await query('SELECT current_user AS role')) as [{ role: string }];
  return explain(role, missing);
}

/** Returns SQL that installs each extension, or continues with the next one. */
function installStatement(names: readonly string[]): string {
  const blocks = names.map(
    (name) => `BEGIN ${createStatement(name)} EXCEPTION WHEN OTHERS THEN NULL; END;`,
  );
  return `DO $nts$ BEGIN ${blocks.join(' ')} END $nts$`;
}

function createStatement(name: string): string {
  return `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)} SCHEMA ${SINGLE_SCHEMA};`;
}

function explain(role: string, names: readonly string[]): string {
  const list = names.map(quoteIdentifier).join(', ');
  return (
    `Role "${role}" could not install ${names.length === 1 ? 'the extension' : 'the extensions'} ${list} of the entities. ` +
    `Have an administrator run once: ${names.map(createStatement).join(' ')} Then run this command again`
  );
}
