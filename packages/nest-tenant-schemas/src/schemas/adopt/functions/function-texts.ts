import type { QueryRunner } from 'typeorm';
import { replacePlaceholder } from '../../../core/names/schema-placeholder.js';
import type { ExtensionNames } from '../../../core/single-tenant/extension-names.js';
import { rewriteSql, SINGLE_SCHEMA } from '../../../core/single-tenant/rewrite-sql.js';
import { sqlTokens } from '../../../core/sql/sql-tokens.js';
import { namesObjectOf, renameOnPath } from '../../lifecycle/rename/rename-text.js';
import type { ObjectReason } from '../plan/choose-objects.js';
import { isRoutine, nameOf, type SchemaObject } from '../schema-objects.js';

/** Describes a function by the server's catalogue. */
export interface FunctionText {
  readonly oid: string;
  /** The statement that creates it again. */
  readonly definition: string;
  readonly body: string;
  readonly language: string;
  /** Whether the server keeps the body parsed. Its names then follow their objects. */
  readonly isParsed: boolean;
}

/** Pairs the text of a function in `public` with its text in the tenant's schema. */
export interface RewrittenFunction {
  readonly oid: string;
  readonly before: string;
  readonly after: string;
}

/** Lists the languages whose bodies are SQL, or contain it. */
export const REWRITTEN_LANGUAGES: ReadonlySet<string> = new Set(['sql', 'plpgsql']);

const READ = `
SELECT p.oid::text AS oid, pg_get_functiondef(p.oid) AS definition, coalesce(p.prosrc, '') AS body, l.lanname AS language,
       p.prosqlbody IS NOT NULL AS "isParsed"
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.oid = ANY ($1::oid[]) AND p.prokind <> 'a' ORDER BY p.oid`;

/** Reads the texts of functions. Call it under the settings of `withCatalogueSettings`. */
export function readFunctionTexts(
  queryRunner: QueryRunner,
  objects: readonly SchemaObject[],
): Promise<readonly FunctionText[]> {
  const oids = objects.filter(isRoutine).map(({ oid }) => oid);
  return queryRunner.query(READ, [oids]) as Promise<FunctionText[]>;
}

/**
 * Returns the text of a function for the tenant's schema, as a migration of a single-tenant application would create it.
 *
 * @param staying names of objects that stay in `public`
 * @returns undefined if the text does not change
 */
export function rewriteFunction(
  { oid, definition, body, language, isParsed }: FunctionText,
  schema: string,
  staying: ExtensionNames,
): RewrittenFunction | undefined {
  if (!isParsed && !REWRITTEN_LANGUAGES.has(language)) return undefined;
  const path = renameOnPath(definition, SINGLE_SCHEMA, schema);
  const after = replacePlaceholder(rewriteSql(path, { extensions: staying }), schema);
  const isSame = path === definition && (isParsed || after.includes(body));
  return isSame ? undefined : { oid, before: definition, after };
}

/**
 * Lists functions whose text would still name a moved object in `public`, for example in a string of dynamic SQL.
 *
 * @param names the names of moved objects
 * @param rewritten the new texts of moved functions
 */
export function findUnclearFunctions(
  objects: readonly SchemaObject[],
  texts: readonly FunctionText[],
  rewritten: readonly RewrittenFunction[],
  names: ReadonlySet<string>,
): ObjectReason[] {
  return texts.flatMap(({ oid, body, isParsed }) => {
    const object = objects.find((each) => isRoutine(each) && each.oid === oid);
    if (!object) return [];
    const text = rewritten.find((each) => each.oid === oid)?.after ?? (isParsed ? '' : body);
    return namesObjectOf(withoutComments(text), SINGLE_SCHEMA, names)
      ? [
          {
            what: nameOf(object),
            why: 'its text names a moved object as public.… where PostgreSQL and the engine cannot change it. Change it first',
          },
        ]
      : [];
  });
}

/** Returns SQL without comments, also in the bodies that it contains. */
function withoutComments(text: string): string {
  return [...sqlTokens(text)]
    .map((token) => {
      if (token.kind === 'comment') return ' ';
      const tag = /^\$[^$]*\$/.exec(token.text)?.[0];
      if (token.kind !== 'dollar' || tag === undefined) return token.text;
      return tag + withoutComments(token.text.slice(tag.length, -tag.length)) + tag;
    })
    .join('');
}
