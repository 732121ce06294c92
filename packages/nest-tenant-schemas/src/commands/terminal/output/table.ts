/** Spaces between two columns. */
const GAP = '  ';

type Row = readonly string[];

/**
 * Returns the lines of a table. If the table is wider than the terminal, it returns the first cell of each row on a line of its
 * own, and below it the other cells with their headings.
 *
 * @param width columns of the terminal. Default: without a limit, for a file or a pipe
 */
export function tableLines(header: Row, rows: readonly Row[], width = Infinity): string[] {
  // A name may hold line breaks, which would look like another row.
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s/g, ' ')));
  const table = aligned([header, ...cells]);
  if (table.every(({ length }) => length <= width)) return table;
  // The empty cell indents the line.
  const listed = ([first = '', ...others]: Row): string[] =>
    [first].concat(aligned(others.map((cell, index) => ['', header[index + 1] ?? '', cell])));
  return cells.flatMap(listed);
}

/** Pads the cells of each column to the longest one, except at the end of a line. */
function aligned(lines: readonly Row[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    lines.reduce((width, cells) => Math.max(width, cells[column]?.length ?? 0), 0),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
