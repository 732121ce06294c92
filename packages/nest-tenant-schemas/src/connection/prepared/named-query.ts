import pg from 'pg';
import type { TenantConnection } from '../wire/tenant-connection.js';

/** Describes a statement that the server keeps prepared for one connection. */
export interface PreparedStatement {
  readonly name: string;
  /**
   * The columns of its rows, once the server has described them. They cannot change while the statement is
   * prepared.
   */
  columns?: Columns;
}

/** Holds what node-postgres derives from a row description. It is not in its types. */
interface Columns {
  readonly fields: readonly pg.FieldDef[];
  readonly _parsers: unknown;
  readonly _prebuiltEmptyResultObject: unknown;
}

/** Describes parts of `pg.Query` that are not in its types. */
interface QueryInternals extends pg.Query {
  readonly _result: Columns;
  _accumulateRows: boolean;
  callback: NamedQueryCallback;
  name: string;
  hasBeenParsed(connection: pg.Connection): boolean;
  prepare(connection: pg.Connection): void;
  handleRowDescription(message: unknown): void;
}

type NamedQueryCallback = (error: Error | null, result: unknown) => void;

const Query = pg.Query as unknown as new (text: string, values: unknown[]) => QueryInternals;

/**
 * Sends a query by the name of a prepared statement. It requests the description of the columns once, which
 * saves both sides work for every later answer. If the columns changed, the server rejects the query.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class NamedQuery extends Query {
  /** Whether the statement was prepared before this query. */
  wasPrepared = false;

  constructor(
    private readonly statement: PreparedStatement,
    text: string,
    values: unknown[],
    callback: NamedQueryCallback,
  ) {
    // pg would copy a config object property by property, which takes longer than the rest of this
    // constructor.
    super(text, values);
    this.name = statement.name;
    this.callback = callback;
  }

  override prepare(connection: TenantConnection): void {
    const { columns } = this.statement;
    this.wasPrepared = this.hasBeenParsed(connection);
    if (!columns || !this.wasPrepared) return super.prepare(connection);
    Object.assign(this._result, columns);
    this._accumulateRows = true;
    connection.describesRows = false;
    try {
      super.prepare(connection);
    } finally {
      connection.describesRows = true;
    }
  }

  override handleRowDescription(message: unknown): void {
    super.handleRowDescription(message);
    const { fields, _parsers, _prebuiltEmptyResultObject } = this._result;
    // All results share these columns.
    this.statement.columns = {
      fields: Object.freeze(fields),
      _parsers,
      _prebuiltEmptyResultObject,
    };
  }
}
