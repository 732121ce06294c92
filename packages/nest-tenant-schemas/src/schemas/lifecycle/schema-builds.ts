import type { DataSource } from 'typeorm';

/** One attempt at creating a schema. */
export interface Attempt {
  readonly schema: string;
  /** Breaks it off, while it has a connection. */
  abort?: (() => void) | undefined;
  /** Whether the schema may be there: its first transaction has been sent, and what it made is not dropped. */
  hasSchema?: boolean;
}

const buildsOf = new WeakMap<DataSource, SchemaBuilds>();

/** The schemas that a DataSource creates at the moment: tenants, clones, and what the doctor compares with. */
export class SchemaBuilds {
  /** Each with a promise of its end, which never rejects. */
  private readonly running = new Map<Attempt, Promise<void>>();
  private readonly left = new Set<string>();
  private isAborted = false;

  static of(dataSource: DataSource): SchemaBuilds {
    const builds = buildsOf.get(dataSource) ?? new SchemaBuilds();
    buildsOf.set(dataSource, builds);
    return builds;
  }

  /** Names of schemas that are being created, or dropped again, and of those whose drop failed. */
  get unfinished(): readonly string[] {
    const running = [...this.running.keys()].filter(({ hasSchema }) => hasSchema);
    return [...new Set([...this.left, ...running.map(({ schema }) => schema)])];
  }

  /**
   * Breaks off what is created, drops it, and creates nothing from now on. The server rolls back as the connection ends. A
   * server whose platform cannot notice that goes on to the end of the statement. If a drop fails, {@link unfinished} has it.
   */
  async abort(): Promise<void> {
    this.isAborted = true;
    for (const attempt of this.running.keys()) attempt.abort?.();
    await Promise.all(this.running.values());
  }

  /** Runs one attempt at creating a schema, and removes it from the list when it ends. */
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

  /** @throws Error once the builds are aborted */
  assertNotAborted(): void {
    if (this.isAborted) throw new Error('The creation of schemas was interrupted.');
  }
}
