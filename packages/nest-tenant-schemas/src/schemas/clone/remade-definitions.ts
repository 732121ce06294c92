import type { QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { PARSED_PARTS, type ParsedPart } from './parsed-parts.js';

/**
 * Makes a twin of a part, reads its text, and rolls the twin back; then the same with this text. Each time the server may
 * write another one. Ends where the server cannot make a twin.
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

/** Gives a definition as a dump and its restoration would make it. */
type Replace = (definition: string) => string;

/** A part, and the texts that come of it, one after the other. */
interface RemadePart extends ParsedPart {
  readonly twins: readonly string[];
}

/**
 * What the server writes of a schema's objects after it has read its own texts, as it does when a dump is restored. For
 * one expression it may be another text: `role IN ('a', 'b')` is written with one cast of an array first, and then with a
 * cast of each element.
 *
 * Makes things in the schema, which the runner's transaction has to roll back.
 *
 * @returns replacements of the definition of each object that has such texts: one for each time it is restored
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

/** A dump makes all parts of an object again. */
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
