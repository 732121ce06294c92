import { createHash } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { readDefinitionsWith, withCatalogueSettings } from './catalogue-settings.js';
import { remakeDefinitions } from '../clone/remade-definitions.js';
import { DEFINITIONS } from './schema-definitions.js';

/** An object of a schema, as the server's catalogue defines it. */
export interface SchemaObject {
  /** What it is and what it is called, e.g. `column polls.question`. */
  readonly what: string;
  /** The rest that makes it what it is, as the server writes it; may have many lines. */
  readonly definition: string;
}

/** What one schema lacks and what it has besides, as lines of its description. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Longer definitions are cut in a description, and told apart by a hash. */
const MAX_DEFINITION_LENGTH = 160;

/** The objects of one schema, without the migrations table's and those of extensions. */
export function readDefinitions(
  queryRunner: QueryRunner,
  schema: string,
): Promise<readonly SchemaObject[]> {
  return withCatalogueSettings(
    queryRunner,
    () => queryRunner.query(DEFINITIONS, [[schema]]) as Promise<SchemaObject[]>,
  );
}

/**
 * Describes many schemas, as {@link describeSchema} does one, in one query.
 *
 * @returns the description of each; of one that does not exist it is empty
 */
export async function describeSchemas(
  dataSource: DataSource,
  schemas: readonly string[],
): Promise<(schema: string) => string[]> {
  const rows = await readDefinitionsWith<SchemaObject & { schema: string }>(
    dataSource,
    DEFINITIONS,
    [schemas],
  );
  const objects = new Map<string, SchemaObject[]>(schemas.map((schema) => [schema, []]));
  for (const row of rows) objects.get(row.schema)?.push(row);
  return (schema) => describeObjects(objects.get(schema) ?? [], [schema]);
}

/**
 * Describes the structure of a schema, one line for each object, sorted: tables, columns, constraints,
 * indexes, sequences, types, functions, triggers, views, policies. Not the order of columns, nor owners,
 * grants and comments. The schema's name is written as the placeholder, so that descriptions of two schemas can
 * be compared.
 *
 * @param alike names of schemas that are written as the placeholder as well: of the one it will be compared with,
 *   in case one of the two is called as a table or a column is
 */
export async function describeSchema(
  queryRunner: QueryRunner,
  schema: string,
  alike: readonly string[] = [],
): Promise<string[]> {
  return describeObjects(await readDefinitions(queryRunner, schema), [schema, ...alike]);
}

/**
 * Describes objects that were read before.
 *
 * @param schemas names that are written as the placeholder
 */
export function describeObjects(
  objects: readonly SchemaObject[],
  schemas: readonly string[],
): string[] {
  const names = anyOf(schemas);
  const normalise = (text: string): string => text.replaceAll(names, TENANT_SCHEMA);
  return objects
    .map(({ what, definition }) => {
      // The types of a function's arguments are part of its name.
      const called = what.replace(/\(.*$/s, normalise);
      return `${called} ${shorten(normalise(definition.trim()))}`.trim();
    })
    .toSorted();
}

/**
 * Describes what a schema's objects may be written like once they are restored from a dump. Each line leads to the one
 * that {@link describeSchema} has for the object.
 *
 * @param schema one that only the runner's transaction knows: its objects are made again, and taken back
 * @param alike as for {@link describeSchema}
 */
export function describeRestored(
  queryRunner: QueryRunner,
  schema: string,
  alike: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  return withCatalogueSettings(queryRunner, async () => {
    const objects = (await queryRunner.query(DEFINITIONS, [[schema]])) as SchemaObject[];
    const remade = await remakeDefinitions(queryRunner, schema);
    const lineOf = (object: SchemaObject): string =>
      describeObjects([object], [schema, ...alike])[0] ?? '';
    return new Map(
      objects.flatMap((object) =>
        (remade.get(object.what) ?? []).map((replace): [string, string] => [
          lineOf({ ...object, definition: replace(object.definition) }),
          lineOf(object),
        ]),
      ),
    );
  });
}

/**
 * Compares two descriptions.
 *
 * @param wanted what the schema should be
 * @param found what it is
 * @param restored lines that stand for a wanted one, as {@link describeRestored} has them. Default none
 */
export function compareDescriptions(
  wanted: readonly string[],
  found: readonly string[],
  restored: ReadonlyMap<string, string> = new Map(),
): SchemaDifference {
  const written = found.map((line) => restored.get(line) ?? line);
  const [inWanted, inFound] = [new Set(wanted), new Set(written)];
  return {
    missing: wanted.filter((line) => !inFound.has(line)),
    extra: written.filter((line) => !inWanted.has(line)),
  };
}

/** The names as identifiers of their own, quoted or not. */
function anyOf(names: readonly string[]): RegExp {
  const alternatives = names.join('|');
  return new RegExp(
    `(?<![\\w$"])(?:"(?:${alternatives})"|(?:${alternatives})(?!["]))(?![\\w$])`,
    'g',
  );
}

function shorten(definition: string): string {
  const line = definition.replaceAll(/\s+/g, ' ');
  if (line === definition && line.length <= MAX_DEFINITION_LENGTH) return line;
  const hash = createHash('sha256').update(definition).digest('hex').slice(0, 12);
  const cut =
    line.length <= MAX_DEFINITION_LENGTH ? line : `${line.slice(0, MAX_DEFINITION_LENGTH)}…`;
  return `${cut} (text ${hash})`;
}
