import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of a source file. */
export interface SourceLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** Reads the lines of all TypeScript and JavaScript files below a folder, without specs, declarations and comments. */
export function readSourceLines(folder: string): SourceLine[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /\.[cm]?[jt]s$/.test(file) && !/\.(?:d|spec|e2e-spec|test)\.[cm]?[jt]s$/.test(file),
    )
    .filter((file) => !/(?:^|[\\/])(?:node_modules|dist)[\\/]/.test(file))
    .toSorted();
  return files.flatMap((name) => {
    const file = join(folder, name);
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((text, index) => ({ file, line: index + 1, text: text.trim() }))
      .filter(({ text }) => !/^(?:\/\/|\/?\*)/.test(text));
  });
}

/** Returns the files that have a line of this pattern. */
export function filesWith(lines: readonly SourceLine[], pattern: RegExp): ReadonlySet<string> {
  return new Set(lines.filter(({ text }) => pattern.test(text)).map(({ file }) => file));
}
