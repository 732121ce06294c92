// pg-cursor brings no types of its own; what the specs use of it.
declare module 'pg-cursor' {
  import { EventEmitter } from 'node:events';
  import type { Connection, Submittable } from 'pg';

  export default class Cursor<Row = unknown> extends EventEmitter implements Submittable {
    constructor(text: string, values?: unknown[]);
    readonly text: string;
    submit(connection: Connection): void;
    read(rows: number): Promise<Row[]>;
    close(): Promise<void>;
  }
}
