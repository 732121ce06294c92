import type { DataSource, QueryRunner } from 'typeorm';
import { tenantContext } from '../context/tenant-context.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { OperationRefusedError } from '../errors/operation-refused.error.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';
import { scopeOf } from './bound-data-source.js';
import { clientOf } from './client-of.js';

const GUARDS: Pick<QueryRunner, 'clearDatabase' | 'stream'> = {
  /** In a tenant, TypeORM's drops the tables of `public` as well. */
  clearDatabase() {
    return Promise.reject(
      new OperationRefusedError(
        'clearDatabase()',
        'Drop one tenant with: tenant-schemas delete-tenant <schema>.',
      ),
    );
  },

  /**
   * Gives back the connection of `queryBuilder.stream()`, which TypeORM releases only when the stream
   * ends or fails: neither when it could not begin nor when its reader left early.
   */
  async stream(this: QueryRunner, query, parameters, onEnd, onError) {
    refuseBeforeCheckout(this, query);
    const { stream } = Object.getPrototypeOf(this) as QueryRunner;
    const rows = await stream.call(this, query, parameters, onEnd, onError);
    rows.once('close', () => {
      if (!rows.readableEnded) onEnd?.();
    });
    return rows;
  },
};

/** Guards every query runner that the DataSource makes from now on. */
export function guardQueryRunners(dataSource: DataSource): void {
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => Object.assign(createQueryRunner(mode), GUARDS);
}

function refuseBeforeCheckout(queryRunner: QueryRunner, query: string): void {
  if (!carriesMarker(query) || clientOf(queryRunner)) return;
  const scope = scopeOf(queryRunner) ?? tenantContext.scope;
  if (!scope?.tenant) throw new TenantContextMissingError(`The stream names "${TENANT_SCHEMA}".`);
}
