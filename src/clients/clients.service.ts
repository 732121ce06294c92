import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TenantConflictError, TenantProvisioner } from '../tenancy/index.js';
import { Client } from './client.entity.js';
import { ClientRegistry } from './client-registry.js';
import type { NewClient } from './dto/new-client.dto.js';
import { suggestSchemaName } from './suggest-schema-name.js';

/** Looks tenants up and creates them. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly provisioner: TenantProvisioner<Client>,
  ) {}

  /** The tenant of exactly that name, or undefined. */
  findByName(name: string): Promise<Client | undefined> {
    return this.registry.findByName(name);
  }

  /** All tenants, in the order of their schemas' names, without holding them all in memory. */
  all(): AsyncIterable<Client> {
    return this.registry.schemas();
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
   * @throws TenantConflictError when its name or schema is taken
   */
  async create(input: NewClient): Promise<Client> {
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
    await this.provisioner.create(client);
    return client;
  }
}
