import {
  type DataSource,
  type EntityManager,
  type EntityTarget,
  type FindOptionsWhere,
  MoreThan,
  type ObjectLiteral,
  type Repository,
} from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { tenantContext } from '../../context/tenant-context.js';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { TenantRowRejectedError } from '../../errors/tenant-row-rejected.error.js';
import type { TenantChanges, TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { assertColumns } from './assert-columns.js';
import { readInBatches } from './read-in-batches.js';
import { unlessInvalid } from './unless-invalid.js';
import { type RowColumns, wrapRowErrors } from './wrap-row-errors.js';

/** Keeps tenants in the table of an entity of the application. */
export class EntityRegistry<T extends Tenant & ObjectLiteral> implements TenantRegistry<T> {
  /** The rows, outside every transaction. */
  protected readonly rows: Repository<T>;

  /** Returns the tenant with exactly this name. Undefined if the entity has no column `name`. */
  readonly findByName: ((name: string) => Promise<T | undefined>) | undefined;

  /**
   * @param entity has the columns `id` and `schema`, and a column `name` if tenants are looked up by it
   * @throws TenancyOptionsError if the DataSource does not have the entity, if it lacks a column, or if it is not in a
   *   shared schema
   */
  constructor(
    dataSource: DataSource,
    private readonly entity: EntityTarget<T>,
  ) {
    assertRegistryEntity(dataSource, entity);
    this.rows = plainDataSourceOf(dataSource).getRepository(entity);
    const hasName = this.rows.metadata.findColumnWithPropertyName('name') !== undefined;
    this.findByName = hasName ? (name) => this.findOne({ name }) : undefined;
  }

  find(id: string): Promise<T | undefined> {
    return this.findOne({ id });
  }

  findBySchema(schema: string): Promise<T | undefined> {
    return this.findOne({ schema });
  }

  /** Returns all tenants in the order of their schemas' names. */
  all(): AsyncGenerator<T> {
    return readInBatches((after, limit) =>
      tenantContext.runWithoutTenant(() =>
        this.rows.find({
          where: { schema: MoreThan(after) } as FindOptionsWhere<T>,
          order: { schema: 'ASC' } as object,
          take: limit,
        }),
      ),
    );
  }

  async insert(manager: EntityManager, tenant: T): Promise<void> {
    // An instance may have properties besides its columns.
    const { target } = this.rows.metadata;
    if (typeof target === 'string' || !(tenant instanceof target)) this.assertColumns(tenant);
    await wrapRowErrors(tenant, () => manager.insert(this.entity, tenant as object), this.columns);
  }

  async update(manager: EntityManager, tenant: T, changes: TenantChanges<T>): Promise<boolean> {
    this.assertColumns(changes);
    const row = this.rowOf(tenant);
    if (Object.keys(changes).length === 0) return manager.existsBy(this.entity, row);
    const { affected } = await wrapRowErrors(
      { ...tenant, ...changes },
      () => manager.update(this.entity, row, changes as object),
      this.columns,
    );
    return affected === 1;
  }

  async remove(manager: EntityManager, tenant: T): Promise<boolean> {
    const { affected } = await manager.delete(this.entity, this.rowOf(tenant));
    return affected === 1;
  }

  private get columns(): RowColumns {
    const nameOf = (property: string): string | undefined =>
      this.rows.metadata.findColumnWithPropertyName(property)?.databaseName;
    return { name: nameOf('name'), schema: nameOf('schema') ?? 'schema' };
  }

  /** @throws TenantRowRejectedError for a property that the entity does not have */
  private assertColumns(values: object): void {
    const { columns, embeddeds, relations, name } = this.rows.metadata;
    const properties = [...columns, ...embeddeds, ...relations].map((one) => one.propertyName);
    assertColumns(values, properties, `the entity ${name}`);
  }

  private async findOne(where: object): Promise<T | undefined> {
    // TypeORM 0.3 ignores undefined and null, and would find the first tenant.
    if (Object.values(where).some((value) => value === undefined || value === null))
      return undefined;
    return unlessInvalid(() =>
      tenantContext.runWithoutTenant(() => this.rows.findOneBy(where as FindOptionsWhere<T>)),
    );
  }

  /** @throws TenantRowRejectedError without an id or a schema, because TypeORM 0.3 would then write other rows */
  private rowOf({ id, schema }: T): FindOptionsWhere<T> {
    if (!id || !schema) throw new TenantRowRejectedError('A tenant must have an id and a schema.');
    return { id, schema } as FindOptionsWhere<T>;
  }
}

/** @throws TenancyOptionsError */
function refuse(problem: string): never {
  throw new TenancyOptionsError('TenantModule: registry.entity', problem);
}

/** @throws TenancyOptionsError */
function assertRegistryEntity(dataSource: DataSource, entity: EntityTarget<ObjectLiteral>): void {
  if (!dataSource.hasMetadata(entity)) {
    refuse(
      'must be an entity of the DataSource. Add it to its `entities`, or set `autoLoadEntities`.',
    );
  }
  const { name, schema, columns } = dataSource.getMetadata(entity);
  if (schema === TENANT_SCHEMA) {
    refuse(
      `must be in a shared schema. Declare it as @Entity({ schema: 'public' }) (got ${name}).`,
    );
  }
  for (const property of ['id', 'schema']) {
    if (!columns.some(({ propertyName }) => propertyName === property)) {
      refuse(`must have a column ${property} (${name} has none).`);
    }
  }
}
