import { UsageError } from '../terminal/exit-code.js';

/** Columns of a row by their names. */
export type ColumnValues = Readonly<Record<string, unknown>>;

/** Splits `plan=pro`. */
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/su;

/**
 * Adds one `--set column=value` to those before it. The value is JSON, for example `true`, `3` or `null`, or else the text
 * itself. So `--set plan='"3"'` sets the text 3.
 *
 * @throws UsageError for another form, and for a column that is set twice
 */
export function addColumn(assignment: string, before: ColumnValues = {}): ColumnValues {
  const [, column, text] = ASSIGNMENT.exec(assignment) ?? [];
  if (column === undefined || text === undefined) {
    throw new UsageError(`--set takes <column>=<value> (got ${JSON.stringify(assignment)})`);
  }
  if (Object.hasOwn(before, column)) throw new UsageError(`--set sets the column ${column} twice`);
  return { ...before, [column]: parsed(text) };
}

/**
 * Returns the columns of a new tenant's row.
 *
 * @param named the columns that other flags give
 * @throws UsageError for a column that `--set` gives as well
 */
export function withColumns<T extends object>(set: ColumnValues | undefined, named: T): T {
  const twice = Object.keys(set ?? {}).find((column) => Object.hasOwn(named, column));
  if (twice === undefined) return { ...set, ...named };
  throw new UsageError(
    `--set ${twice} is not possible: the column comes from --name and --schema.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
