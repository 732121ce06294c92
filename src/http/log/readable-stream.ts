import type { LogStream } from './pino-options.js';

/** Fields with a fixed position in a line. */
interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly context?: string;
  readonly stack?: string;
  readonly err?: { readonly stack?: string };
}

/** Formats JSON lines for people, for development: `12:34:56 INFO  [Context] message key=value`. */
export function readableStream(out: LogStream): LogStream {
  return { write: (line) => out.write(readable(line)) };
}

export function readable(line: string): string {
  const { level, time, msg, context, stack, err, ...fields } = JSON.parse(line) as Line;
  const words = [
    new Date(time).toTimeString().slice(0, 8),
    level.toUpperCase().padEnd(5),
    ...(context === undefined ? [] : [`[${context}]`]),
    ...(msg === undefined ? [] : [msg]),
    ...Object.entries(fields).map(([key, value]) => `${key}=${textOf(value)}`),
  ];
  const trace = stack ?? err?.stack;
  return `${words.join(' ')}\n${trace === undefined ? '' : `${trace}\n`}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
