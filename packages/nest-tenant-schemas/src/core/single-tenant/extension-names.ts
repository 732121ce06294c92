/** Lists the extensions of the database, and the names of their objects in `public`, as the catalogue writes them. */
export interface ExtensionNames {
  /** Functions whose name no function of the server has. */
  readonly functions: ReadonlySet<string>;
  /** Types and operator classes. */
  readonly types: ReadonlySet<string>;
  /** Operators. Only `OPERATOR(public.…)` names them. */
  readonly operators: ReadonlySet<string>;
  /** Tables and views. */
  readonly relations: ReadonlySet<string>;
  /** All extensions of the database, in any schema. */
  readonly installed: ReadonlySet<string>;
}

/** No extension is installed in `public`. */
export const NO_EXTENSIONS: ExtensionNames = {
  functions: new Set(),
  types: new Set(),
  operators: new Set(),
  relations: new Set(),
  installed: new Set(),
};
