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
    return { NAME: this.nameOf(tenant), SCHEMA: tenant.schema, ID: tenant.id };
  }

  /** Returns the name of a tenant in lines. Default: its `name`, or its schema if it has none. */
  nameOf(tenant: T): string {
    return ownName(tenant) ?? tenant.schema;
  }

  /** Returns what `--json` prints of a tenant. Default: its id, its `name` if it has one, and its schema. */
  toJson(tenant: T): object {
    const name = ownName(tenant);
    return { id: tenant.id, ...(name !== undefined && { name }), schema: tenant.schema };
  }
}

function ownName(tenant: Tenant & { readonly name?: unknown }): string | undefined {
  return typeof tenant.name === 'string' ? tenant.name : undefined;
}
