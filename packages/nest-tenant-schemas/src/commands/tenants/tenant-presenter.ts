import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../index.js';

/** Prints tenants. An application extends it to print columns of its own. */
@Injectable()
export class TenantPresenter<T extends Tenant = Tenant> {
  /** What `list-tenants` prints if there are no tenants. */
  readonly emptyList: string = 'There are no tenants yet.';

  /** What the line below a new tenant calls its id. */
  readonly idLabel: string = 'id';

  /** Returns the cells of a tenant in `list-tenants`, by the heading of their columns. */
  cellsOf(tenant: T): Readonly<Record<string, string>> {
    const suspended = suspensionOf(tenant);
    return {
      NAME: this.nameOf(tenant),
      SCHEMA: tenant.schema,
      ID: tenant.id,
      ...(suspended !== undefined && { SUSPENDED: suspended ? 'yes' : 'no' }),
    };
  }

  /** Returns the name of a tenant in lines. Default: its `name`, or its schema if it has none. */
  nameOf(tenant: T): string {
    return ownName(tenant) ?? tenant.schema;
  }

  /** Returns what `--json` prints of a tenant. Default: its id and schema, and its `name` and `suspended` if it has them. */
  toJson(tenant: T): object {
    const name = ownName(tenant);
    const suspended = suspensionOf(tenant);
    return {
      id: tenant.id,
      ...(name !== undefined && { name }),
      schema: tenant.schema,
      ...(suspended !== undefined && { suspended }),
    };
  }
}

function suspensionOf(tenant: Tenant & { readonly suspended?: unknown }): boolean | undefined {
  return typeof tenant.suspended === 'boolean' ? tenant.suspended : undefined;
}

function ownName(tenant: Tenant & { readonly name?: unknown }): string | undefined {
  return typeof tenant.name === 'string' ? tenant.name : undefined;
}
