/** Spaces between two columns. */
const GAP = '  ';

/** Lines of a table: its columns padded to their longest cell, nothing padded at the end of a line. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  // A name may hold line breaks, which would look like another row.
  const lines = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll(/\s/g, ' ')));
  const widths = header.map((_, column) =>
    lines.reduce((width, cells) => Math.max(width, cells[column]?.length ?? 0), 0),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
