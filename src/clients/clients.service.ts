import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import {
  type FillTenant,
  type TenantChanges,
  TenantConflictError,
  TenantManager,
  TenantNotFoundError,
  TenantProvisioner,
  TenantRenamer,
  suggestSchemaName,
} from 'nest-tenant-schemas';
import { Client } from './client.entity.js';
import type { ClientCursor } from './client-cursor.js';
import { ClientRegistry } from './registry/client-registry.js';
import { ClientDetails } from './dto/client.dto.js';
import type { NewClient } from './dto/new-client.dto.js';
import { TenantUsage } from './tenant-usage.js';

/** Looks tenants up, creates, changes and deletes them. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly tenants: TenantManager<Client>,
    private readonly provisioner: TenantProvisioner<Client>,
    private readonly renamer: TenantRenamer<Client>,
    private readonly usage: TenantUsage,
  ) {}

  /** The tenant of exactly that name, or undefined. */
  findByName(name: string): Promise<Client | undefined> {
    return this.registry.findByName(name);
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
   * Changes columns of a tenant's row; its schema stays. This process applies the change to the next request; others
   * are notified.
   *
   * @param changes have passed validation
   * @returns the tenant as it is now
   * @throws TenantNotFoundError when it does not exist, or has another schema by now
   * @throws TenantConflictError when its new name is taken
   */
  change(client: Client, changes: TenantChanges<Client>): Promise<Client> {
    return this.tenants.update(client, changes);
  }

  /** Objects that would hold up a rename of a tenant's schema. */
  readRenameObstacles(client: Client): Promise<readonly string[]> {
    return this.renamer.readObstacles(client);
  }

  /**
   * Deletes a tenant for good, with its schema and all its data.
   *
   * @throws TenantNotFoundError when it no longer exists, or has another schema by now
   * @throws DropBlockedError when others use the schema for too long, or objects of other schemas depend on it
   */
  delete(client: Client): Promise<void> {
    return this.tenants.drop(client);
  }
}
