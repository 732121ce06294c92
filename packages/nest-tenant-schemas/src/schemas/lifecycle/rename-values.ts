/** Kinds of objects whose strings are values, unless something in their definition reads a string as a name. */
const WITH_VALUES = /^(?:column|constraint|index|domain|policy) /;

/** What may stand ahead of a parenthesis in such a definition without looking an object up by a string. */
const HARMLESS_CALLS: ReadonlySet<string> = new Set(
  (
    'and or not in any all some when then else case where check using default array row on as between like include ' +
    'exclude unique key with coalesce nullif least greatest btree hash gin gist brin spgist ' +
    'character varying varchar numeric bit timestamp time lower upper btrim ltrim rtrim length char_length left right ' +
    'concat now date_trunc md5 ' +
    // Kinds of generated columns, as definitions are read.
    's v'
  ).split(' '),
);

/** Casts and columns of the catalogue that take a string for the name of something. */
const NAMES_FROM_TEXT =
  /::(?:pg_catalog\.)?"?(?:reg\w+|name|oid)\b|\bcurrent_schemas?\b|\bnspname\b|\bschemaname\b|\btable_schema\b/i;

const STRINGS = /'(?:[^']|'')*'/g;
/** A function of any schema but `pg_catalog` is qualified, and so is none of those. */
const CALLS = /([\w$".]+)\s*\(/g;

/**
 * Whether all strings of an object's definition are values, in which a schema's name is a word like any other: as in a
 * default, or a list of what a column may have. Anything doubtful is not: a call of a function that is not known, a
 * cast to a name, a string with a dot, a quote or a semicolon.
 *
 * @param what the object, e.g. `column users.role`
 * @param definition as the server writes it
 */
export function hasValuesOnly(what: string, definition: string): boolean {
  if (!WITH_VALUES.test(what)) return false;
  const strings = definition.match(STRINGS) ?? [];
  if (strings.some((text) => /[."';=\\]/.test(text.slice(1, -1)))) return false;
  const code = definition.replaceAll(STRINGS, "''");
  if (NAMES_FROM_TEXT.test(code)) return false;
  return [...code.matchAll(CALLS)].every(([, name = '']) => HARMLESS_CALLS.has(name.toLowerCase()));
}
