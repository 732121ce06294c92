/** Matches kinds of objects whose strings are values, unless their definition reads a string as a name. */
const WITH_VALUES = /^(?:column|constraint|index|domain|policy) /;

/** Lists what may precede a parenthesis in such a definition without looking an object up by a string. */
const HARMLESS_CALLS: ReadonlySet<string> = new Set(
  (
    'and or not in any all some when then else case where check using default array row on as between like include ' +
    'exclude unique key with coalesce nullif least greatest btree hash gin gist brin spgist ' +
    'character varying varchar numeric bit timestamp time lower upper btrim ltrim rtrim length char_length left right ' +
    'concat now date_trunc md5 ' +
    // Kinds of generated columns, in the form of the definitions.
    's v'
  ).split(' '),
);

/** Matches casts and columns of the catalogue that read a string as a name. */
const NAMES_FROM_TEXT =
  /::(?:pg_catalog\.)?"?(?:reg\w+|name|oid)\b|\bcurrent_schemas?\b|\bnspname\b|\bschemaname\b|\btable_schema\b/i;

const STRINGS = /'(?:[^']|'')*'/g;
/** Matches calls. Functions outside `pg_catalog` are qualified, so the list above does not contain them. */
const CALLS = /([\w$".]+)\s*\(/g;

/**
 * Returns whether all strings of a definition are values, in which a schema's name is an ordinary word.
 * Examples are a default, and a list of allowed values. It returns false for an unknown function, and for a
 * cast to a name. It also returns false for a string with a dot, a quote or a semicolon.
 *
 * @param what the object, for example `column users.role`
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
