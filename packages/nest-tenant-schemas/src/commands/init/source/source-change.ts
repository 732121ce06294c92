import type { SourceLine } from './source-files.js';

/** Describes a change of the application's source. */
export interface SourceChange {
  /** Undefined if the place was not found. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The present text of the line. */
  readonly text: string | undefined;
  readonly change: string;
}

/** Describes a change of a line, or of a place that was not found. */
export const at = (line: SourceLine | undefined, change: string): SourceChange => ({
  file: line?.file,
  line: line?.line,
  text: line?.text,
  change,
});
