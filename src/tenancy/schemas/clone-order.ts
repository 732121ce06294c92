/** A foreign key between two tables, by their names. */
export interface TableReference {
  readonly from: string;
  readonly to: string;
}

/** In which order tables are filled. */
export interface CopyOrder<R extends TableReference> {
  readonly tables: readonly string[];
  /** References that no order satisfies, as they are part of a cycle. */
  readonly cut: readonly R[];
}

/**
 * Orders tables so that each comes after those that it refers to. A table may refer to itself: within one
 * statement that is checked at its end.
 */
export function copyOrder<R extends TableReference>(
  tables: readonly string[],
  references: readonly R[],
): CopyOrder<R> {
  const left = new Set(tables);
  const order: string[] = [];
  const cut: R[] = [];
  const open = (table: string): R[] =>
    references.filter(({ from, to }) => from === table && to !== table && left.has(to));
  for (;;) {
    const [first] = left;
    if (first === undefined) return { tables: order, cut };
    const free = [...left].filter((table) => open(table).length === 0);
    const next = free.length > 0 ? free : [first];
    for (const table of next) {
      cut.push(...open(table));
      left.delete(table);
      order.push(table);
    }
  }
}
