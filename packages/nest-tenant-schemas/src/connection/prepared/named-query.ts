import pg from 'pg';
import type { TenantConnection } from '../wire/tenant-connection.js';

/** A statement that the server keeps prepared for one connection. */
export interface PreparedStatement {
  readonly name: string;
  /** The columns of its rows, once the server has told them: as long as it is prepared they stay the same. */
  columns?: Columns;
}

/** What node-postgres makes of the server's description of rows; not in its types. */
interface Columns {
  readonly fields: readonly pg.FieldDef[];
  readonly _parsers: unknown;
  readonly _prebuiltEmptyResultObject: unknown;
}

/** Parts of `pg.Query` that are not in its types. */
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
 * A query by the name of a prepared statement. The server is asked for its columns once, which spares both sides to
 * write and read them with every answer. A result of other columns is refused by the server, and never met.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class NamedQuery extends Query {
  /** Whether the server knew the statement before this query. */
  wasPrepared = false;

  constructor(
    private readonly statement: PreparedStatement,
    text: string,
    values: unknown[],
    callback: NamedQueryCallback,
  ) {
    // A config object would be copied property by property, which takes longer than all else that is done here.
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
    // Every result has the same ones.
    this.statement.columns = {
      fields: Object.freeze(fields),
      _parsers,
      _prebuiltEmptyResultObject,
    };
  }
}
