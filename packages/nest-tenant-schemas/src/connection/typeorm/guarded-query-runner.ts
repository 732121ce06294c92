import { type DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { OperationRefusedError } from '../../errors/operation-refused.error.js';
import { TenantContextMissingError } from '../../errors/tenant-context-missing.error.js';
import { scopeOf } from './bound-scope.js';
import { clientOf } from '../client/client-of.js';
import { assertParametersOfTenant } from './entities/assert-entity.js';
import { holderOf } from './entities/entity-guard.js';
import { TenantBroadcaster } from './entities/tenant-broadcaster.js';
import { dataSourceOf } from './typeorm-versions.js';
import { hasReplicas } from '../replicas/replica-options.js';
import { queryOnPrimary, repeatReadsOnPrimary } from '../replicas/repeat-on-primary.js';
import { endUnreadStream, maxUnreadMsOf } from '../client/unread-streams.js';

/** Describes TypeORM's own release. TypeORM also calls it, with the error, when the connection breaks. */
interface Releasable extends QueryRunner {
  releasePostgresConnection(error?: Error): Promise<void>;
}

/** Holds query runners whose connection broke, until their owner releases them. */
const broken = new WeakSet<QueryRunner>();

const GUARDS: Pick<Releasable, 'clearDatabase' | 'releasePostgresConnection' | 'stream'> = {
  /** Rejects the call. In a tenant, TypeORM's method would also drop the tables of `public`. */
  clearDatabase() {
    return Promise.reject(
      new OperationRefusedError(
        'clearDatabase()',
        'Drop one tenant with: tenant-schemas delete-tenant <schema>.',
      ),
    );
  },

  /**
   * Releases a broken connection at once, although the owner still holds the runner. Later statements of the
   * owner fail with the error that broke the connection. TypeORM would report a mistake of the caller
   * (`QueryRunnerAlreadyReleasedError`).
   */
  releasePostgresConnection(this: QueryRunner, error) {
    if (broken.delete(this)) {
      Object.assign(this, { isReleased: true });
      return Promise.resolve();
    }
    const { isReleased } = this;
    const { releasePostgresConnection } = Object.getPrototypeOf(this) as Releasable;
    const released = releasePostgresConnection.call(this, error);
    return error && !isReleased ? failAfter(released, this, error) : released;
  },

  /**
   * Releases the connection of `queryBuilder.stream()` in all cases. TypeORM releases it only when the stream
   * ends or fails. It misses a stream that cannot start, and one whose reader leaves early or never starts.
   */
  async stream(this: QueryRunner, query, parameters, onEnd, onError) {
    refuseBeforeCheckout(this, query);
    const dataSource = dataSourceOf(this);
    assertParametersOfTenant(parameters, holderOf({ queryRunner: this, dataSource }));
    const { stream } = Object.getPrototypeOf(this) as QueryRunner;
    const rows = await stream.call(this, query, parameters, onEnd, onError);
    rows.once('close', () => {
      if (!rows.readableEnded) onEnd?.();
    });
    endUnreadStream(rows, maxUnreadMsOf(dataSource));
    return rows;
  },
};

async function failAfter(
  released: Promise<void>,
  queryRunner: QueryRunner,
  error: Error,
): Promise<void> {
  await released;
  broken.add(queryRunner);
  const fail = (query: string, parameters?: unknown[]): Promise<never> =>
    Promise.reject(new QueryFailedError(query, parameters, error));
  const query = queryOnPrimary(queryRunner) ?? fail;
  Object.assign(queryRunner, { isReleased: false, query, stream: fail });
}

/** Guards every query runner that the DataSource, its driver or a bound handle creates from now on. */
export function guardQueryRunners(dataSource: DataSource): void {
  const { driver } = dataSource;
  const isReplicated = hasReplicas(dataSource);
  const createQueryRunner = driver.createQueryRunner.bind(driver);
  driver.createQueryRunner = (mode) => {
    const queryRunner = createQueryRunner(mode);
    const broadcaster = new TenantBroadcaster(queryRunner);
    Object.assign(queryRunner, GUARDS, { broadcaster });
    return isReplicated && mode === 'slave' ? repeatReadsOnPrimary(queryRunner) : queryRunner;
  };
}

function refuseBeforeCheckout(queryRunner: QueryRunner, query: string): void {
  if (!hasPlaceholder(query) || clientOf(queryRunner)) return;
  const scope = scopeOf(queryRunner) ?? tenantContext.scope;
  if (!scope?.tenant) throw new TenantContextMissingError(`The stream names "${TENANT_SCHEMA}".`);
}
