import { createHash } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { readDefinitionsWith, withCatalogueSettings } from './catalogue-settings.js';
import { remakeDefinitions } from '../clone/remade-definitions.js';
import { DEFINITIONS } from './schema-definitions.js';

/** Describes an object of a schema by the server's catalogue. */
export interface SchemaObject {
  /** The kind and the name of the object, for example `column polls.question`. */
  readonly what: string;
  /** The rest of its definition, in the server's words. It may have many lines. */
  readonly definition: string;
}

/** Lists what one schema lacks and has in addition, as lines of its description. */
export interface SchemaDifference {
  /** Lines that the schema lacks. */
  readonly missing: readonly string[];
  /** Lines that the schema has in addition. */
  readonly extra: readonly string[];
}

/**
 * Limits the length of a definition in a description, in characters. A hash distinguishes shortened
 * definitions.
 */
const MAX_DEFINITION_LENGTH = 160;

/** Reads the objects of one schema, except the migrations table and objects of extensions. */
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
 * Describes many schemas in one query, like {@link describeSchema}.
 *
 * @returns a function that returns the description of a schema, empty for a missing one
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
 * Describes the structure of a schema in sorted lines, one for each object. Objects are tables, columns,
 * constraints, indexes, sequences, types, functions, triggers, views and policies. The order of columns,
 * owners, grants and comments are not included.
 *
 * The placeholder replaces the schema's name, so that descriptions of two schemas can be compared.
 *
 * @param alike names that the placeholder replaces too. Pass the name of the other schema, because a table
 *   may have the name of one of the two
 */
export async function describeSchema(
  queryRunner: QueryRunner,
  schema: string,
  alike: readonly string[] = [],
): Promise<string[]> {
  return describeObjects(await readDefinitions(queryRunner, schema), [schema, ...alike]);
}

/**
 * Describes objects that were read earlier.
 *
 * @param schemas names that the placeholder replaces
 */
export function describeObjects(
  objects: readonly SchemaObject[],
  schemas: readonly string[],
): string[] {
  const names = anyOf(schemas);
  const normalise = (text: string): string => text.replaceAll(names, TENANT_SCHEMA);
  return objects
    .map(({ what, definition }) => {
      // The argument types of a function are part of its name.
      const called = what.replace(/\(.*$/s, normalise);
      return `${called} ${shorten(normalise(definition.trim()))}`.trim();
    })
    .toSorted();
}

/**
 * Describes how a schema's objects may read after a restore from a dump. Each line maps to the line of {@link
 * describeSchema} for the same object.
 *
 * @param schema a schema that only the runner's transaction can see: this creates its objects again, and
 *   rolls that back
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
 * @param wanted the expected description
 * @param found the actual description
 * @param restored lines that equal a wanted one, from {@link describeRestored}. Default: none
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

/** Returns a pattern that matches the names as whole identifiers, quoted or not. */
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
