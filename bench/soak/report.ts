import { tableLines } from 'nest-tenant-schemas/commands';

export interface SoakReport {
  readonly seed: number;
  readonly seconds: number;
  readonly pooler: boolean;
  readonly requests: number;
  /** By status and code. */
  readonly answers: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly lostWrites: number;
  readonly foreignRows: number;
  /** Connections that stayed busy after the load. */
  readonly leakedConnections: number;
  /** Exit code of the application after SIGTERM. Other than 0 if it had to break off work. Null if a signal ended it. */
  readonly exitCode: number | null;
  /** Answers that no fault explains, with an example of each. */
  readonly unexpected: Readonly<Record<string, string>>;
  /** Megabytes of the application's process. */
  readonly memory: { readonly before: number; readonly after: number };
}

/** Whether every number that has to be zero is zero. */
export function isClean(report: SoakReport): boolean {
  const { lostWrites, foreignRows, leakedConnections, unexpected } = report;
  const defects = lostWrites + foreignRows + leakedConnections + Object.keys(unexpected).length;
  return defects === 0 && report.exitCode === 0 && report.requests > 0;
}

export function reportLines(report: SoakReport): string[] {
  const { before, after } = report.memory;
  const rows: [string, string | number][] = [
    ['seed', report.seed],
    ['seconds', report.seconds],
    ['pooler', report.pooler ? 'PgBouncer, transaction' : 'none'],
    ['requests', report.requests],
    ...Object.entries(report.answers).map(([kind, count]): [string, number] => [kind, count]),
    ...Object.entries(report.faults),
    ['lost writes', report.lostWrites],
    ['foreign rows', report.foreignRows],
    ['leaked connections', report.leakedConnections],
    ['exit code', String(report.exitCode)],
    ...Object.entries(report.unexpected).map(([kind, example]): [string, string] => [
      'unexpected',
      `${kind} (${example})`,
    ]),
    ['memory, MB', `${Math.round(before)} before, ${Math.round(after)} after`],
  ];
  return tableLines(
    ['what', 'count'],
    rows.map(([what, count]) => [what, String(count)]),
  );
}
