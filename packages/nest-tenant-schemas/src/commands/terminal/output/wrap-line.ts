/** Spaces before the continuation of a line, besides those of the line itself. */
const INDENT = '  ';

/**
 * Breaks a line between words. Words that are longer than the terminal stay whole, so that they can be copied.
 *
 * @param width columns of the terminal. Default: without a limit, for a file or a pipe
 */
export function wrapLine(line: string, width = Infinity): string {
  const lines: string[] = [];
  const indent = `${spacesOf(line)}${INDENT}`;
  let rest = line;
  while (rest.length > width) {
    const last = rest.lastIndexOf(' ', width);
    const end = last > spacesOf(rest).length ? last : rest.indexOf(' ', width);
    if (end === -1) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `${indent}${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest].join('\n');
}

const spacesOf = (line: string): string => /^ */.exec(line)?.[0] ?? '';
