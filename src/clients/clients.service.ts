import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TenantProvisioner } from '../tenancy/index.js';
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
