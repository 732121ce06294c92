import type { DataSource, DataSourceOptions } from 'typeorm';

/** Describes options of a DataSource for PostgreSQL. TypeORM 0.3 and 1 export this type under different names. */
export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** Describes a manager, a query runner, a query builder or a loader of either version. */
export interface DataSourceHolder {
  readonly dataSource?: DataSource;
  readonly connection?: DataSource;
}

/** Returns the DataSource of a TypeORM object. TypeORM 0.3 calls it `connection`. */
export function dataSourceOf(holder: DataSourceHolder): DataSource {
  return (holder.dataSource ?? holder.connection) as DataSource;
}

/** Replaces the DataSource of a TypeORM object. */
export function setDataSource(holder: DataSourceHolder, dataSource: DataSource): void {
  Object.assign(holder, { ['dataSource' in holder ? 'dataSource' : 'connection']: dataSource });
}
