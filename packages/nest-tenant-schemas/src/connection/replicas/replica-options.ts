import type { DataSource } from 'typeorm';
import type { PostgresOptions } from '../typeorm/typeorm-versions.js';

/** Describes TypeORM's option `replication`. */
type Replication = NonNullable<PostgresOptions['replication']>;

/** Describes the address of one server, in the form of TypeORM. */
export type ServerAddress = Replication['slaves'][number];

interface WithReplicas extends Replication {
  readonly replicas?: readonly ServerAddress[];
}

/**
 * Moves the replicas to a list of the engine. TypeORM would connect to each of them at start, and fail if one
 * is unavailable.
 */
export function takeReplicas({ replication }: Pick<PostgresOptions, 'replication'>): {
  replication?: Replication;
} {
  if (!replication) return {};
  const { slaves = [], replicas = [] } = replication as WithReplicas;
  return {
    replication: { ...replication, slaves: [], replicas: [...replicas, ...slaves] } as never,
  };
}

/** Returns the replicas of a DataSource that was made with `tenantDataSourceOptions`. */
export function replicasOf({ options }: DataSource): readonly ServerAddress[] {
  return ((options as PostgresOptions).replication as WithReplicas | undefined)?.replicas ?? [];
}

/** Returns whether a read may use another server than the primary. */
export function hasReplicas(dataSource: DataSource): boolean {
  return replicasOf(dataSource).length > 0;
}

/** Returns host, port and database of an address, for log lines. User and password are left out. */
export function describeAddress({ url, host, port, database }: ServerAddress): string {
  if (!url || !URL.canParse(url)) return `${host ?? 'localhost'}:${port ?? 5432}/${database ?? ''}`;
  const parsed = new URL(url);
  return `${parsed.hostname}:${parsed.port || 5432}${parsed.pathname}`;
}
