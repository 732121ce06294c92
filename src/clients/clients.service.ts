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

/** Finds, creates, changes and deletes tenants. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly tenants: TenantManager<Client>,
    private readonly provisioner: TenantProvisioner<Client>,
    private readonly renamer: TenantRenamer<Client>,
    private readonly usage: TenantUsage,
  ) {}

  /** Returns the tenant with exactly that name, or undefined. */
  findByName(name: string): Promise<Client | undefined> {
    return this.registry.findByName(name);
  }

  /** @throws TenantNotFoundError if no tenant has that id, or the id is not a UUID */
  async get(id: string): Promise<Client> {
    const client = isUUID(id, 'loose') ? await this.registry.find(id) : undefined;
    if (!client) throw new TenantNotFoundError();
    return client;
  }

  /**
   * Returns a tenant with the numbers of its rows.
   *
   * @throws TenantNotFoundError if no tenant has that id
   */
  async getDetails(id: string): Promise<ClientDetails> {
    const client = await this.get(id);
    return new ClientDetails(client, await this.usage.of(client));
  }

  /** Returns the tenants after the cursor, oldest first. */
  findAfter(cursor: ClientCursor | undefined, limit: number): Promise<Client[]> {
    return this.registry.findAfter(cursor, limit);
  }

  /** @throws TenantConflictError if a tenant has that name, regardless of case */
  async assertNameFree(name: string): Promise<void> {
    if (await this.registry.hasName(name)) throw new TenantConflictError(`tenant name "${name}"`);
  }

  /** @throws TenantConflictError if a tenant has that schema, or the schema exists without a tenant */
  async assertSchemaFree(schema: string): Promise<void> {
    if (await this.registry.hasSchema(schema)) throw new TenantConflictError(`schema "${schema}"`);
  }

  /**
   * Creates a tenant with its schema and tables. If the creation fails, the schema and the row are removed.
   *
   * @param input has passed validation
   * @param fill writes the first rows of the tenant, for example its first admin
   * @throws TenantConflictError if the name or the schema is taken
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
   * Changes columns of a tenant's row, but not its schema. This process applies the change from the next request on, and
   * notifies the other processes.
   *
   * @param changes have passed validation
   * @returns the changed tenant
   * @throws TenantNotFoundError if the tenant no longer exists, or its schema was renamed
   * @throws TenantConflictError if the new name is taken
   */
  change(client: Client, changes: TenantChanges<Client>): Promise<Client> {
    return this.tenants.update(client, changes);
  }

  /** Returns the objects that prevent a rename of the tenant's schema. */
  readRenameObstacles(client: Client): Promise<readonly string[]> {
    return this.renamer.readObstacles(client);
  }

  /**
   * Deletes a tenant with its schema and all its data.
   *
   * @throws TenantNotFoundError if the tenant no longer exists, or its schema was renamed
   * @throws DropBlockedError if other transactions lock the schema for too long, or objects of other schemas depend on it
   */
  delete(client: Client): Promise<void> {
    return this.tenants.drop(client);
  }
}
