import { Injectable } from '@nestjs/common';
import { type NewTenant, schemaNameProblem, type Tenant, type TenantChanges } from '../../index.js';
import { UsageError } from '../terminal/exit-code.js';

/** What `--name` and `--schema` give of a tenant. */
export interface NewNames {
  readonly name?: string;
  readonly schema?: string;
}

/** Checks the names that operators give tenants, and stores them. An application extends it for columns of its own. */
@Injectable()
export class TenantNaming<T extends Tenant = Tenant> {
  /**
   * Checks names before the database is opened. Default: the engine's rules of schema names, and no blank name.
   *
   * @throws UsageError for a name or schema that breaks a rule
   */
  check({ name, schema }: NewNames): void {
    if (name?.trim() === '') throw new UsageError('--name must not be blank');
    const problem = schema === undefined ? undefined : schemaNameProblem(schema);
    if (problem !== undefined) throw new UsageError(`--schema ${problem}`);
  }

  /** Returns the columns that a rename changes. Default: `name` and `schema`, those that are given. */
  renamed({ name, schema }: NewNames): TenantChanges<T> {
    const changes = {
      ...(name !== undefined && { name }),
      ...(schema !== undefined && { schema }),
    };
    return changes as TenantChanges<T>;
  }

  /** Returns the columns of a new tenant that its names give. Default: `name` and `schema`, those that are given. */
  created(names: NewNames & { readonly schema: string }): NewTenant<T> {
    return this.renamed(names) as NewTenant<T>;
  }

  /** Returns the columns in which a clone differs from its source, besides the id. Default: `name` and `schema`. */
  cloned(_source: T, names: Required<NewNames>): TenantChanges<T> & Pick<T, 'schema'> {
    return this.renamed(names) as TenantChanges<T> & Pick<T, 'schema'>;
  }
}
