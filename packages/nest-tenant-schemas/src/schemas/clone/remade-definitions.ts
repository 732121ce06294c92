import type { QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { PARSED_PARTS, type ParsedPart } from './parsed-parts.js';

/**
 * Creates a twin of a part, reads its text, and rolls the twin back. It repeats this with the new text,
 * because the server may write another one each time. It stops if the server cannot create the twin.
 */
const remakeFunction = (name: string): string => `
CREATE FUNCTION ${name}(head text, part text, tail text, read text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  twin text;
  twins text[] := '{}';
BEGIN
  FOR i IN 1 .. 3 LOOP
    twin := NULL;
    BEGIN
      EXECUTE head || part || tail;
      EXECUTE read INTO twin;
      RAISE EXCEPTION 'rolls the twin back';
    EXCEPTION WHEN OTHERS THEN
      EXIT WHEN twin IS NULL OR twin = part;
    END;
    twins := twins || twin;
    part := twin;
  END LOOP;
  RETURN twins;
END $$`;

/** Returns a definition as it reads after a dump and a restore. */
type Replace = (definition: string) => string;

/** Holds a part and its successive texts. */
interface RemadePart extends ParsedPart {
  readonly twins: readonly string[];
}

/**
 * Returns how the server writes a schema's objects after it has read its own texts. A restore from a dump
 * does that. The text of an expression may change. For example, `role IN ('a', 'b')` first casts an array,
 * and later each element.
 *
 * It creates objects in the schema, which the runner's transaction must roll back.
 */
export async function remakeDefinitions(
  queryRunner: QueryRunner,
  schema: string,
): Promise<ReadonlyMap<string, readonly Replace[]>> {
  const parts = (await queryRunner.query(PARSED_PARTS, [schema])) as ParsedPart[];
  const name = `${quoteIdentifier(schema)}.tenant_schemas_remake`;
  await queryRunner.query(remakeFunction(name));
  const rows = (await queryRunner.query(
    `SELECT ${name}(head, part, tail, read) AS twins
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS p (head, part, tail, read, position)
     ORDER BY position`,
    [
      parts.map(({ head }) => head),
      parts.map(({ text }) => text),
      parts.map(({ tail }) => tail),
      parts.map(({ read }) => read),
    ],
  )) as { twins: string[] }[];
  const remade = new Map<string, RemadePart[]>();
  for (const [i, { twins }] of rows.entries()) {
    const part = parts[i];
    if (!part || twins.length === 0) continue;
    remade.set(part.what, [...(remade.get(part.what) ?? []), { ...part, twins }]);
  }
  return new Map([...remade].map(([what, found]) => [what, replacements(found)]));
}

/** Returns the replacements of all parts, because a dump creates all parts of an object again. */
function replacements(parts: readonly RemadePart[]): Replace[] {
  const times = Math.max(...parts.map(({ twins }) => twins.length));
  return Array.from({ length: times }, (_, time) => (definition: string) => {
    let replaced = definition;
    for (const { text, twins } of parts) {
      replaced = replaced.replaceAll(text, () => twins[time] ?? twins.at(-1) ?? text);
    }
    return replaced;
  });
}
