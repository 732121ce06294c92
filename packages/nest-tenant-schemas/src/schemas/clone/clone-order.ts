/** Describes a table that refers to another one, by their names. */
export interface TableReference {
  readonly from: string;
  readonly to: string;
}

/** Describes the order in which tables are filled. */
export interface CopyOrder<R extends TableReference> {
  readonly tables: readonly string[];
  /** References that no order satisfies, because they are part of a cycle. */
  readonly cut: readonly R[];
  /** Tables that read each other, so that no order is possible. */
  readonly stuck: readonly string[];
}

/**
 * Orders tables so that each comes after the tables it refers to. A reference of a table to itself is
 * ignored, because the server checks it at the end of a statement.
 *
 * @param references may be cut if they are part of a cycle
 * @param reads must not be cut
 */
export function copyOrder<R extends TableReference>(
  tables: readonly string[],
  references: readonly R[],
  reads: readonly TableReference[] = [],
): CopyOrder<R> {
  const left = new Set(tables);
  const order: string[] = [];
  const cut: R[] = [];
  const open = <T extends TableReference>(table: string, all: readonly T[]): T[] =>
    all.filter(({ from, to }) => from === table && to !== table && left.has(to));
  for (;;) {
    const fillable = [...left].filter((table) => open(table, reads).length === 0);
    const [first] = fillable;
    if (first === undefined) return { tables: order, cut, stuck: [...left] };
    const free = fillable.filter((table) => open(table, references).length === 0);
    for (const table of free.length > 0 ? free : [first]) {
      cut.push(...open(table, references));
      left.delete(table);
      order.push(table);
    }
  }
}
