/** A table that refers to another one, by their names. */
export interface TableReference {
  readonly from: string;
  readonly to: string;
}

/** In which order tables are filled. */
export interface CopyOrder<R extends TableReference> {
  readonly tables: readonly string[];
  /** References that no order satisfies, because they are part of a cycle. */
  readonly cut: readonly R[];
  /** Tables that read one another, so that no order is right. */
  readonly stuck: readonly string[];
}

/**
 * Orders tables so that each comes after those that it refers to. A table may refer to itself: within one
 * statement that is checked at its end.
 *
 * @param references may be cut, if they are part of a cycle
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
