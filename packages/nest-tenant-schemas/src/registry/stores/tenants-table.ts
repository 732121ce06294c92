import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { TenantChanges, TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TenantRowRejectedError } from '../../errors/tenant-row-rejected.error.js';
import { assertColumns } from './assert-columns.js';
import { readInBatches } from './read-in-batches.js';
import { unlessInvalid } from './unless-invalid.js';
import { wrapRowErrors } from './wrap-row-errors.js';

/** A row of the engine's own table of tenants, `public.tenants`. */
export interface TableTenant extends Tenant {
  /** What people call the tenant. Unique without regard to case, 1 to 100 characters. */
  readonly name: string;
  /** Whether requests to the tenant are rejected. Default false. */
  readonly suspended?: boolean;
  /** When the row was inserted. The database sets it. */
  readonly createdAt?: Date;
}

/** The channel that the trigger on `public.tenants` notifies with the id of a changed row. */
export const TENANTS_CHANNEL = 'tenant_schemas_tenants';

const COLUMNS = 'id, name, schema, suspended, created_at AS "createdAt"';

/** The columns that `update` writes. */
const CHANGEABLE = ['name', 'schema', 'suspended'] as const;

/** Keeps tenants in the table `public.tenants`, which `CreateTenantsTable1400000000000` creates. */
export class TenantsTable implements TenantRegistry<TableTenant> {
  constructor(private readonly dataSource: DataSource) {}

  find(id: string): Promise<TableTenant | undefined> {
    return this.findOne('id', id);
  }

  findBySchema(schema: string): Promise<TableTenant | undefined> {
    return this.findOne('schema', schema);
  }

  findByName(name: string): Promise<TableTenant | undefined> {
    return this.findOne('name', name);
  }

  /** Returns all tenants in the order of their schemas' names. */
  all(): AsyncGenerator<TableTenant> {
    return readInBatches((after, limit) =>
      this.read(
        `SELECT ${COLUMNS} FROM public.tenants WHERE schema COLLATE "C" > $1 ORDER BY schema COLLATE "C" LIMIT $2`,
        [after, limit],
      ),
    );
  }

  async insert(manager: EntityManager, tenant: TableTenant): Promise<void> {
    assertColumns(tenant, ['id', ...CHANGEABLE, 'createdAt'], 'public.tenants');
    assertName(tenant.name);
    const { id, name, schema, suspended = false } = tenant;
    await wrapRowErrors(tenant, () =>
      manager.query(
        'INSERT INTO public.tenants (id, name, schema, suspended) VALUES ($1, $2, $3, $4)',
        [id, name, schema, suspended],
      ),
    );
  }

  async update(
    manager: EntityManager,
    tenant: TableTenant,
    changes: TenantChanges<TableTenant>,
  ): Promise<boolean> {
    assertColumns(changes, [...CHANGEABLE, 'createdAt'], 'public.tenants');
    if (changes.name !== undefined) assertName(changes.name);
    const changed = CHANGEABLE.filter((column) => changes[column] !== undefined);
    const settings = changed.map((column, place) => `${column} = $${place + 3}`);
    const [, count] = (await wrapRowErrors({ ...tenant, ...changes }, () =>
      manager.query(
        `UPDATE public.tenants SET ${['id = id', ...settings].join(', ')} WHERE id = $1 AND schema = $2`,
        [tenant.id, tenant.schema, ...changed.map((column) => changes[column])],
      ),
    )) as [unknown, number];
    return count === 1;
  }

  async remove(manager: EntityManager, { id, schema }: TableTenant): Promise<boolean> {
    const [, count] = (await manager.query(
      'DELETE FROM public.tenants WHERE id = $1 AND schema = $2',
      [id, schema],
    )) as [unknown, number];
    return count === 1;
  }

  private read(statement: string, parameters: unknown[]): Promise<TableTenant[]> {
    return tenantContext.runWithoutTenant(() => this.dataSource.query(statement, parameters));
  }

  /** @throws TenancyOptionsError when the table does not exist yet */
  private async findOne(
    column: 'id' | 'name' | 'schema',
    value: string,
  ): Promise<TableTenant | undefined> {
    try {
      return await unlessInvalid(async () => {
        const statement = `SELECT ${COLUMNS} FROM public.tenants WHERE ${column} = $1`;
        const [row] = await this.read(statement, [value]);
        return row;
      });
    } catch (error) {
      const { code } =
        error instanceof QueryFailedError ? (error.driverError as { code?: unknown }) : {};
      if (code !== POSTGRES_ERROR.undefinedTable) throw error;
      throw new TenancyOptionsError(
        'The table public.tenants',
        'must exist. Create it: tenant-schemas migrate-schemas --shared, or SchemaMigrator.migrateShared().',
      );
    }
  }
}

/** 1 to 100 characters that are printed, and not only spaces. */
const NAME = /^(?=.*\S)\P{Cc}{1,100}$/u;

/** @throws TenantRowRejectedError */
function assertName(name: unknown): void {
  if (typeof name === 'string' && NAME.test(name)) return;
  throw new TenantRowRejectedError(
    "A tenant's name must have 1 to 100 characters, not only spaces, and no control characters.",
  );
}
