import { assertSchemaName } from '../core/names/schema-name.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

/**
 * Holds the id and the schema of a tenant as they were when work entered the tenant. The application's object
 * may change later, also to a schema name that breaks a rule. The engine reads only this copy.
 */
export class EnteredTenant implements Tenant {
  readonly id: string;
  readonly schema: string;
  readonly #given: Tenant;

  /** @throws SchemaNameInvalidError when the tenant's schema name breaks a rule */
  private constructor(tenant: Tenant) {
    const { id, schema } = tenant;
    assertSchemaName(schema);
    this.id = id;
    this.schema = schema;
    this.#given = tenant;
    Object.freeze(this);
  }

  /**
   * Returns the copy of a tenant. A copy stays as it is.
   *
   * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
   */
  static of(tenant: Tenant): EnteredTenant {
    return tenant instanceof EnteredTenant ? tenant : new EnteredTenant(tenant);
  }

  /** The application's object. */
  get given(): Tenant {
    return this.#given;
  }
}
