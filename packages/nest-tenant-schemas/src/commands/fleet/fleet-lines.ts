import type { MigrationResult, PlannedMigrations } from '../../index.js';
import { nameSome } from '../terminal/output/name-some.js';

/** Holds the words in which a run reports its work. */
export interface FleetWords {
  /** Precedes the names of the migrations: `applied`. */
  readonly done: string;
  /** Reports that there was nothing to do. */
  readonly nothing: string;
  /** Names the next action for failed schemas. */
  readonly afterFailure: string;
  /** Names the next action after Ctrl-C. */
  readonly afterInterruption: string;
}

/** Returns the line about one schema, for stdout, or for stderr after a failure. */
export function resultLine(
  { schema, status, versions, durationMs, error }: MigrationResult,
  { done, nothing }: FleetWords,
): string {
  const names = versions.join(', ');
  if (error) {
    return `${schema}: ${error.message}${names && ` Before the failure, this run had ${done} ${names}.`}`;
  }
  const outcome =
    status === 'skipped' ? nothing : names ? `${done} ${names}` : 'updated its role and grants';
  return `${schema}: ${outcome} (${Math.round(durationMs)} ms)`;
}

/** Returns the result of one schema as JSON. */
export function resultJson({ error, ...result }: MigrationResult): object {
  return { ...result, durationMs: Math.round(result.durationMs), error: error?.message ?? null };
}

/** Returns the answer to the first Ctrl-C. */
export function finishing(running: readonly string[]): string {
  const names = running.length > 0 ? ` (${nameSome(running)})` : '';
  return `Waiting for running work${names}. Interrupt again to stop it at once.`;
}

/** Returns the line about a run that Ctrl-C ended. */
export function interrupted(done: number, advice: string): string {
  const schemas = done === 1 ? '1 schema' : `${done} schemas`;
  return `Interrupted after ${schemas}. ${advice}`;
}

/** Returns what a run would send to one schema, as SQL. */
export function planLines({ schema, migrations }: PlannedMigrations): string[] {
  return migrations.flatMap(({ name, statements }) => [
    `-- ${schema}: ${name}`,
    ...(statements?.flatMap(ended) ?? ['-- Not shown: the statements depend on query results.']),
    '',
  ]);
}

/** Returns what a run would send to one schema, as JSON, which has no `undefined`. */
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
