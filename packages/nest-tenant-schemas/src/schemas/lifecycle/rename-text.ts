/** `word` as an identifier of its own, quoted or not, in whatever case: without quotes case does not count. */
function occurrences(text: string, word: string): RegExpExecArray[] {
  return [...text.matchAll(new RegExp(`(?<![\\w$])("?)${word}\\1(?![\\w$])`, 'gi'))];
}

/** What may stand ahead of a schema's name in SQL; not `@` or `/`, as in an address. */
const AHEAD = /(?:^|[\s('",;=<>+*:|[-])$/;

/** The object that a dot leads to. */
const OBJECT = /^\s*\.\s*"?([\w$]+)/;

/** The search path among a function's settings, as the server writes it. */
const SEARCH_PATH = /^ SET search_path TO .*$/m;

type Occurrence = 'the schema' | 'something else' | 'unclear';

function classify(text: string, found: RegExpExecArray, objects: ReadonlySet<string>): Occurrence {
  const ahead = text.slice(0, found.index);
  const object = OBJECT.exec(text.slice(found.index + found[0].length))?.[1];
  // `public.acme` is an object of another schema, `other.acme.polls` names a database.
  if (/\.\s*$/.test(ahead)) return object === undefined ? 'something else' : 'unclear';
  return AHEAD.test(ahead) && object !== undefined && objects.has(object)
    ? 'the schema'
    : 'unclear';
}

/**
 * The definition of a function, as `pg_get_functiondef` gives it, with a schema's new name.
 *
 * @param objects names of what is in the schema
 * @returns undefined when the old name stands where it may mean something else than the schema
 */
export function renameInFunction(
  definition: string,
  from: string,
  to: string,
  objects: ReadonlySet<string>,
): string | undefined {
  const text = renameOnPath(definition, from, to);
  let renamed = '';
  let end = 0;
  for (const found of occurrences(text, from)) {
    const meaning = classify(text, found, objects);
    if (meaning === 'unclear' || !found[0].includes(from)) return undefined;
    renamed += text.slice(end, found.index);
    renamed += meaning === 'the schema' ? found[0].replace(from, to) : found[0];
    end = found.index + found[0].length;
  }
  return renamed + text.slice(end);
}

/**
 * The same for a function with `BEGIN ATOMIC` or `RETURN`, whose names follow the schema.
 *
 * @returns undefined when the old name stands in a string
 */
export function renameInParsedFunction(
  definition: string,
  from: string,
  to: string,
): string | undefined {
  const renamed = renameOnPath(definition, from, to);
  return isInString(renamed, from, to) ? undefined : renamed;
}

function renameOnPath(definition: string, from: string, to: string): string {
  return definition.replace(SEARCH_PATH, (path) => path.replaceAll(`'${from}'`, `'${to}'`));
}

/** Whether a function of another schema names an object of this one. */
export function namesObjectOf(text: string, schema: string, objects: ReadonlySet<string>): boolean {
  return occurrences(text, schema).some((found) => classify(text, found, objects) === 'the schema');
}

/**
 * Whether a name stands in a string of a definition that the server wrote; outside strings it follows the
 * schema. A string of a type of the schema's own, as the label of an enum, names no schema.
 *
 * @param schema what the schema is called in the definition
 */
export function isInString(definition: string, name: string, schema: string): boolean {
  const strings = definition.matchAll(/'(?:[^']|'')*'(?:::"?([\w$]+)"?\.)?/g);
  return [...strings].some(
    ([text, ofSchema]) => ofSchema !== schema && occurrences(text, name).length > 0,
  );
}
