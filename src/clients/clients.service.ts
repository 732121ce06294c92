import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DataSource } from 'typeorm';
import {
  type CloneOptions,
  type FillTenant,
  type SchemaDropperOptions,
  type TenantChanges,
  TenantCloner,
  TenantConflictError,
  tenantContext,
  TenantCache,
  TenantNotFoundError,
  TenantProvisioner,
  TenantRenamer,
  type TenantRenameOptions,
} from 'nest-tenant-schemas';
import { Client } from './client.entity.js';
import type { ClientCursor } from './client-cursor.js';
import { ClientRegistry } from './client-registry.js';
import { ClientDetails } from './dto/client.dto.js';
import type { NewClient } from './dto/new-client.dto.js';
import { suggestSchemaName } from './suggest-schema-name.js';
import { TenantUsage } from './tenant-usage.js';

/** Looks tenants up, creates, changes and deletes them. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly provisioner: TenantProvisioner<Client>,
    private readonly cloner: TenantCloner<Client>,
    private readonly renamer: TenantRenamer<Client>,
    private readonly usage: TenantUsage,
    private readonly dataSource: DataSource,
    private readonly tenantCache: TenantCache<Client>,
  ) {}

  /** The tenant of exactly that name, or undefined. */
  findByName(name: string): Promise<Client | undefined> {
    return this.registry.findByName(name);
  }

  /** @throws TenantNotFoundError when no tenant has that schema */
  async getBySchema(schema: string): Promise<Client> {
    const client = await tenantContext.runWithoutTenant(() =>
      this.dataSource.getRepository(Client).findOneBy({ schema }),
    );
    if (!client) throw new TenantNotFoundError(`No tenant has the schema ${schema}.`);
    return client;
  }

  /** @throws TenantNotFoundError when no tenant has that id, or it is no UUID */
  async get(id: string): Promise<Client> {
    const client = isUUID(id, 'loose') ? await this.registry.find(id) : undefined;
    if (!client) throw new TenantNotFoundError();
    return client;
  }

  /**
   * A tenant with how much it has.
   *
   * @throws TenantNotFoundError when no tenant has that id
   */
  async getDetails(id: string): Promise<ClientDetails> {
    const client = await this.get(id);
    return new ClientDetails(client, await this.usage.of(client));
  }

  /** Tenants in the order in which they were made, beginning after one. */
  findAfter(cursor: ClientCursor | undefined, limit: number): Promise<Client[]> {
    return this.registry.findAfter(cursor, limit);
  }

  /** All tenants, in the order of their schemas' names, without holding them all in memory. */
  all(): AsyncIterable<Client> {
    return this.registry.all();
  }

  /** @throws TenantConflictError when a tenant has that name, without regard to case */
  async assertNameFree(name: string): Promise<void> {
    if (await this.registry.hasName(name)) throw new TenantConflictError(`tenant name "${name}"`);
  }

  /** @throws TenantConflictError when a tenant has that schema, or it exists without one */
  async assertSchemaFree(schema: string): Promise<void> {
    if (await this.registry.hasSchema(schema)) throw new TenantConflictError(`schema "${schema}"`);
  }

  /**
   * Creates a tenant with its schema and tables, whole or not at all.
   *
   * @param input has passed validation
   * @param fill writes what it begins with, its first admin for one
   * @throws TenantConflictError when its name or schema is taken
   */
  async create(input: NewClient, fill?: FillTenant): Promise<Client> {
    const client = Object.assign(new Client(), {
      id: randomUUID(),
      name: input.tenant_name,
      schema: input.schema_name ?? suggestSchemaName(input.tenant_name),
      paidUntil: input.paid_until ?? null,
      onTrial: input.on_trial ?? false,
      access: input.access ?? 'open',
      suspended: false,
      createdOn: new Date(),
    });
    await this.provisioner.create(client, fill);
    return client;
  }

  /**
   * Suspends a tenant or resumes it.
   *
   * @returns the tenant as it is now, and whether it was otherwise before
   * @throws TenantNotFoundError when no tenant has that schema
   */
  async setSuspended(
    schema: string,
    suspended: boolean,
  ): Promise<{ readonly client: Client; readonly isChanged: boolean }> {
    const client = await this.getBySchema(schema);
    if (client.suspended === suspended) return { client, isChanged: false };
    return { client: await this.change(client, { suspended }), isChanged: true };
  }

  /**
   * Changes columns of a tenant's row; its schema stays. This process applies the change to the next request; others
   * are notified.
   *
   * @param changes have passed validation
   * @returns the tenant as it is now
   * @throws TenantNotFoundError when it does not exist, or has another schema by now
   * @throws TenantConflictError when its new name is taken
   */
  async change(client: Client, changes: TenantChanges<Client>): Promise<Client> {
    const changed = await tenantContext.runWithoutTenant(() =>
      this.dataSource.transaction(async (manager) => {
        if (!(await this.registry.update(manager, client, changes))) {
          throw new TenantNotFoundError(`No tenant has the schema ${client.schema} any more.`);
        }
        return manager.findOneByOrFail(Client, { id: client.id });
      }),
    );
    this.tenantCache.forget(client.id);
    return changed;
  }

  /**
   * Gives a tenant another name, another schema name, or both.
   *
   * @param to has passed validation; what it leaves out stays
   * @throws TenantNotFoundError when no tenant has the schema `from`
   * @throws TenantConflictError when the new name or schema is taken
   * @throws RenameRefusedError when something would keep the schema's old name, unless forced
   */
  async rename(
    from: string,
    { name, schema }: { readonly name?: string; readonly schema?: string },
    options?: TenantRenameOptions,
  ): Promise<Client> {
    const changes = {
      ...(name !== undefined && { name }),
      ...(schema !== undefined && { schema }),
    };
    const renamed = await this.renamer.rename(await this.getBySchema(from), changes, options);
    this.tenantCache.forget(renamed.id);
    return renamed;
  }

  /** Objects that would hold up a rename of a tenant's schema. */
  readRenameObstacles(client: Client): Promise<readonly string[]> {
    return this.renamer.readObstacles(client);
  }

  /**
   * Makes a tenant out of another one, whole or not at all. It is paid for as that one is, and not suspended.
   *
   * @param to has passed validation
   * @throws TenantNotFoundError when no tenant has the schema `from`
   * @throws TenantConflictError when the new name or schema is taken
   * @throws CloneRefusedError, SchemaAheadError when the schema is not as this code's migrations make it
   */
  async clone(
    from: string,
    to: { readonly name: string; readonly schema: string },
    options: CloneOptions,
  ): Promise<Client> {
    const source = await this.getBySchema(from);
    const client = Object.assign(new Client(), {
      ...source,
      ...to,
      id: randomUUID(),
      suspended: false,
      createdOn: new Date(),
      clonedFrom: from,
    });
    await this.cloner.clone(source, client, options);
    return client;
  }

  /**
   * Deletes a tenant for good, with its schema and all its data.
   *
   * @throws TenantNotFoundError when it no longer exists, or has another schema by now
   * @param options with `cascade` objects of other schemas that depend on it are dropped too
   * @throws DropBlockedError when others use the schema for too long, or objects of other schemas depend on it
   */
  async delete(client: Client, options?: Pick<SchemaDropperOptions, 'cascade'>): Promise<void> {
    // Whoever was asked may have taken long to answer.
    const { id } = await this.getBySchema(client.schema);
    if (id !== client.id) {
      throw new TenantNotFoundError(`The schema ${client.schema} has become another tenant's.`);
    }
    await this.provisioner.drop(client, options);
    this.tenantCache.forget(id);
  }
}
