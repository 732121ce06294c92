import type { EntityManager } from 'typeorm';
import { assertSchemaName } from '../../core/names/schema-name.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';

const OPTION = 'TenantModule: registry.tenants';

/**
 * A list of tenants that is part of the application's code. Creating a tenant of the list creates its schema, and dropping it
 * drops the schema. The list itself does not change.
 */
export class FixedTenants<T extends Tenant> implements TenantRegistry<T> {
  private readonly tenants: readonly T[];

  /** @throws TenancyOptionsError for an id or a schema that is repeated, SchemaNameInvalidError */
  constructor(tenants: readonly T[]) {
    // Resolvers return ids in lower case.
    this.tenants = tenants.map((tenant) => ({ ...tenant, id: tenant.id.toLowerCase() }));
    for (const [place, { id, schema }] of this.tenants.entries()) {
      assertSchemaName(schema);
      const rest = this.tenants.slice(place + 1);
      if (rest.some((other) => other.id === id || other.schema === schema)) {
        throw new TenancyOptionsError(
          OPTION,
          `must not repeat an id or a schema (${id}, ${schema})`,
        );
      }
    }
  }

  find(id: string): Promise<T | undefined> {
    return Promise.resolve(this.tenants.find((tenant) => tenant.id === id.toLowerCase()));
  }

  findBySchema(schema: string): Promise<T | undefined> {
    return Promise.resolve(this.tenants.find((tenant) => tenant.schema === schema));
  }

  async *all(): AsyncGenerator<T> {
    yield* this.tenants;
  }

  /** @throws TenancyOptionsError if the tenant is not in the list */
  async insert(_manager: EntityManager, { id, schema }: T): Promise<void> {
    if (await this.has(id, schema)) return;
    throw new TenancyOptionsError(
      OPTION,
      `must have the tenant before it is created (${id}, ${schema}). Add it to the list`,
    );
  }

  remove(_manager: EntityManager, { id, schema }: T): Promise<boolean> {
    return this.has(id, schema);
  }

  private async has(id: string, schema: string): Promise<boolean> {
    return (await this.find(id))?.schema === schema;
  }
}
