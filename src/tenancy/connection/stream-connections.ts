import type { DataSource, QueryRunner } from 'typeorm';
import { tenantContext } from '../context/tenant-context.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { scopeOf } from './bound-data-source.js';
import { clientOf } from './client-of.js';

/**
 * Gives back the connections of `queryBuilder.stream()` that TypeORM keeps for good: it releases its query
 * runner only when the stream ends or fails, neither when the stream could not begin nor when its reader
 * left early.
 */
export function releaseStreamConnections(dataSource: DataSource): void {
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const queryRunner = createQueryRunner(mode);
    const stream = queryRunner.stream.bind(queryRunner);
    queryRunner.stream = async (query, parameters, onEnd, onError) => {
      refuseBeforeCheckout(queryRunner, query);
      const rows = await stream(query, parameters, onEnd, onError);
      rows.once('close', () => {
        if (!rows.readableEnded) onEnd?.();
      });
      return rows;
    };
    return queryRunner;
  };
}

function refuseBeforeCheckout(queryRunner: QueryRunner, query: string): void {
  if (!carriesMarker(query) || clientOf(queryRunner)) return;
  const scope = scopeOf(queryRunner) ?? tenantContext.scope;
  if (!scope?.tenant) throw new TenantContextMissingError(`The stream names "${TENANT_SCHEMA}".`);
}
