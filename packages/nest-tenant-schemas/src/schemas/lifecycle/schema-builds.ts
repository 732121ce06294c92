import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';

/** Describes one attempt to create a schema. */
export interface Attempt {
  readonly schema: string;
  /** Aborts the attempt, while it has a connection. */
  abort?: (() => void) | undefined;
  /** Whether the schema may exist: its first transaction was sent, and the schema was not dropped. */
  hasSchema?: boolean;
}

const buildsOf = new WeakMap<DataSource, SchemaBuilds>();

/** Tracks the schemas that a DataSource is creating: of tenants, of clones, and of the doctor's comparison. */
export class SchemaBuilds {
  /** Each attempt with a promise of its end, which never rejects. */
  private readonly running = new Map<Attempt, Promise<void>>();
  private readonly left = new Set<string>();
  private isAborted = false;

  /** Returns the builds of a DataSource. */
  static of(dataSource: DataSource): SchemaBuilds {
    const plain = plainDataSourceOf(dataSource);
    const builds = buildsOf.get(plain) ?? new SchemaBuilds();
    buildsOf.set(plain, builds);
    return builds;
  }

  /** Returns the names of schemas that are being created or dropped again, and of those whose drop failed. */
  get unfinished(): readonly string[] {
    const running = [...this.running.keys()].filter(({ hasSchema }) => hasSchema);
    return [...new Set([...this.left, ...running.map(({ schema }) => schema)])];
  }

  /**
   * Aborts all running attempts, drops their schemas, and prevents new ones. The server rolls a transaction
   * back when its connection ends. On some platforms it first completes the running statement. {@link
   * unfinished} lists schemas whose drop failed.
   */
  async abort(): Promise<void> {
    this.isAborted = true;
    for (const attempt of this.running.keys()) attempt.abort?.();
    await Promise.all(this.running.values());
  }

  /** Runs one attempt to create a schema, and removes it from the list when it ends. */
  run<T>(schema: string, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const attempt: Attempt = { schema };
    const result = work(attempt);
    const end = (): void => {
      this.running.delete(attempt);
      if (attempt.hasSchema) this.left.add(schema);
    };
    this.running.set(attempt, result.then(end, end));
    return result;
  }

  /** @throws Error after `abort()` */
  assertNotAborted(): void {
    if (this.isAborted) throw new Error('The creation of schemas was interrupted.');
  }
}
