import type { DataSource } from 'typeorm';
import { type DataSourceHolder, dataSourceOf } from '../typeorm-versions.js';

const GUARDED = Symbol('guarded');

/** Makes the wrapped methods of TypeORM's classes check the entities of this DataSource. */
export function markGuarded(dataSource: DataSource): void {
  Object.defineProperty(dataSource, GUARDED, { value: true, configurable: true });
}

/** Returns whether the DataSource of a TypeORM object is guarded. */
export function isGuarded(holder: DataSourceHolder): boolean {
  return GUARDED in dataSourceOf(holder);
}
