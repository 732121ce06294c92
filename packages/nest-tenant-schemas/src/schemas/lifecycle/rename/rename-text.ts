/** Finds `word` as a whole identifier, quoted or not, in any case. Without quotes SQL ignores the case. */
function occurrences(text: string, word: string): RegExpExecArray[] {
  return [...text.matchAll(new RegExp(`(?<![\\w$])("?)${word}\\1(?![\\w$])`, 'gi'))];
}

/** Matches what may precede a schema's name in SQL. `@` and `/` are excluded, because they occur in addresses. */
const AHEAD = /(?:^|[\s('",;=<>+*:|[-])$/;

/** Matches the object after a dot. */
const OBJECT = /^\s*\.\s*"?([\w$]+)/;

/** Matches the search path among a function's settings in the server's form. */
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
 * Replaces a schema's name in the definition of a function, as `pg_get_functiondef` returns it.
 *
 * @param objects names of the schema's objects
 * @returns undefined if the old name may mean something other than the schema
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
 * Replaces a schema's name in a function with `BEGIN ATOMIC` or `RETURN`, whose parsed names follow the
 * schema.
 *
 * @returns undefined if the old name occurs in a string
 */
export function renameInParsedFunction(
  definition: string,
  from: string,
  to: string,
): string | undefined {
  const renamed = renameOnPath(definition, from, to);
  return isInString(renamed, from, to) ? undefined : renamed;
}

/** Replaces a schema in the search path of a function. */
export function renameOnPath(definition: string, from: string, to: string): string {
  return definition.replace(SEARCH_PATH, (path) => path.replaceAll(`'${from}'`, `'${to}'`));
}

/** Returns whether a function of another schema names an object of this one. */
export function namesObjectOf(text: string, schema: string, objects: ReadonlySet<string>): boolean {
  return occurrences(text, schema).some((found) => classify(text, found, objects) === 'the schema');
}

/**
 * Returns whether a name occurs in a string of a definition that the server wrote. Outside strings, names
 * follow the schema. A string of one of the schema's own types, such as the label of an enum, does not count.
 *
 * @param schema the name of the schema in the definition
 */
export function isInString(definition: string, name: string, schema: string): boolean {
  const strings = definition.matchAll(/'(?:[^']|'')*'(?:::"?([\w$]+)"?\.)?/g);
  return [...strings].some(
    ([text, ofSchema]) => ofSchema !== schema && occurrences(text, name).length > 0,
  );
}
