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
  return sourcesIn(folder, true).flatMap(linesOf);
}

/** Reads the files directly in a folder that create a DataSource, for example `ormconfig.ts`. Other files configure tools. */
export function readDataSourceLines(folder: string): SourceLine[] {
  return sourcesIn(folder, false)
    .map(linesOf)
    .filter((lines) => lines.some(({ text }) => /\bnew DataSource\(/.test(text)))
    .flat();
}

function sourcesIn(folder: string, recursive: boolean): string[] {
  return readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter(
      (file) => /\.[cm]?[jt]s$/.test(file) && !/\.(?:d|spec|e2e-spec|test)\.[cm]?[jt]s$/.test(file),
    )
    .filter((file) => !/(?:^|[\\/])(?:node_modules|dist)[\\/]/.test(file))
    .toSorted()
    .map((name) => join(folder, name));
}

function linesOf(file: string): SourceLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((text, index) => ({ file, line: index + 1, text: text.trim() }))
    .filter(({ text }) => !/^(?:\/\/|\/?\*)/.test(text));
}

/** Returns the files that have a line of this pattern. */
export function filesWith(lines: readonly SourceLine[], pattern: RegExp): ReadonlySet<string> {
  return new Set(lines.filter(({ text }) => pattern.test(text)).map(({ file }) => file));
}
