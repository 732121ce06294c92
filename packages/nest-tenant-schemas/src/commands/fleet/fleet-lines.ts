import type { MigrationResult, PlannedMigrations } from '../../index.js';
import { nameSome } from '../terminal/name-some.js';

/** How a run words what it did. */
export interface FleetWords {
  /** Before the names of the migrations: `applied`. */
  readonly done: string;
  /** When there was nothing to do. */
  readonly nothing: string;
  /** What to do about schemas that failed. */
  readonly afterFailure: string;
  /** What to do after Ctrl-C. */
  readonly afterInterruption: string;
}

/** What a run did in one schema: a line for stdout, or for stderr when it failed. */
export function resultLine(
  { schema, status, versions, durationMs, error }: MigrationResult,
  { done, nothing }: FleetWords,
): string {
  const names = versions.join(', ');
  if (error) {
    return `${schema}: ${error.message}${names && ` Before that, in this run: ${done} ${names}.`}`;
  }
  const told =
    status === 'skipped' ? nothing : names ? `${done} ${names}` : 'got its role and its grants';
  return `${schema}: ${told} (${Math.round(durationMs)} ms)`;
}

/** The same as JSON. */
export function resultJson({ error, ...result }: MigrationResult): object {
  return { ...result, durationMs: Math.round(result.durationMs), error: error?.message ?? null };
}

/** What the first Ctrl-C is answered. */
export function finishing(running: readonly string[]): string {
  const names = running.length > 0 ? ` (${nameSome(running)})` : '';
  return `Finishing what has begun${names}. Interrupt again to break it off.`;
}

/** How far a run came that Ctrl-C ended. */
export function interrupted(done: number, advice: string): string {
  const schemas = done === 1 ? '1 schema is' : `${done} schemas are`;
  return `Interrupted; ${schemas} done. ${advice}`;
}

/** What a run would send to one schema, as SQL to read. */
export function planLines({ schema, migrations }: PlannedMigrations): string[] {
  return migrations.flatMap(({ name, statements }) => [
    `-- ${schema}: ${name}`,
    ...(statements?.flatMap(ended) ?? [
      '-- Its statements depend on what the database answers; only running it tells them.',
    ]),
    '',
  ]);
}

/** The same as JSON, which has no `undefined`. */
export function planJson({ schema, migrations }: PlannedMigrations): object {
  return {
    schema,
    migrations: migrations.map(({ name, statements }) => ({
      name,
      statements: statements ?? null,
    })),
  };
}

/** A semicolon behind a comment would be part of it. */
function ended(statement: string): string[] {
  const text = statement.trimEnd();
  if (text.endsWith(';')) return [text];
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  return lastLine.includes('--') ? [text, ';'] : [`${text};`];
}
