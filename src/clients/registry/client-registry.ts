import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/audit-log.js';
import { EntityRegistry, type TenantChanges } from 'nest-tenant-schemas';
import { Client } from '../client.entity.js';
import type { ClientCursor } from '../client-cursor.js';
import { ClientView } from '../dto/client.dto.js';

/** Channel to which the trigger on `public.clients` sends the id of a changed row. */
export const CLIENT_CHANGES_CHANNEL = 'tenant_schemas_clients';

/** Reads and writes tenants in the `clients` table of the shared schema. It audits each change. */
@Injectable()
export class ClientRegistry extends EntityRegistry<Client> {
  declare readonly findByName: (name: string) => Promise<Client | undefined>;

  constructor(
    dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {
    super(dataSource, Client);
  }

  /** Returns whether a tenant has that name, regardless of case. */
  hasName(name: string): Promise<boolean> {
    return this.rows
      .createQueryBuilder('client')
      .where('lower(client.name) = lower(:name)', { name })
      .getExists();
  }

  /** Returns whether a tenant has that schema, or the schema exists without a tenant. */
  async hasSchema(schema: string): Promise<boolean> {
    if (await this.rows.existsBy({ schema })) return true;
    const found = (await this.rows.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [
      schema,
    ])) as unknown[];
    return found.length > 0;
  }

  /** Returns the tenants after the cursor, oldest first. */
  findAfter(cursor: ClientCursor | undefined, limit: number): Promise<Client[]> {
    const query = this.rows.createQueryBuilder('client');
    if (cursor) query.where('(client.createdOn, client.id) > (:createdOn, :id)', { ...cursor });
    return query.orderBy('client.createdOn').addOrderBy('client.id').limit(limit).getMany();
  }

  count(): Promise<number> {
    return this.rows.count();
  }

  override async insert(manager: EntityManager, client: Client): Promise<void> {
    await super.insert(manager, client);
    const { clonedFrom } = client;
    await this.audit.record(manager, {
      action: clonedFrom === undefined ? 'create' : 'clone',
      tenant: client,
      after: {
        ...new ClientView(client),
        ...(clonedFrom !== undefined && { cloned_from: clonedFrom }),
      },
    });
  }

  override async update(
    manager: EntityManager,
    { id, schema }: Client,
    changes: TenantChanges<Client>,
  ): Promise<boolean> {
    const client = await manager.findOne(Client, {
      where: { id, schema },
      // Without the lock another transaction could change the row between the audited states.
      lock: { mode: 'pessimistic_write' },
    });
    if (!client) return false;
    const changed = Object.assign(new Client(), client, changes);
    const [before, after] = [new ClientView(client), new ClientView(changed)];
    if (isDeepStrictEqual(before, after)) return true;
    await super.update(manager, client, changes);
    await this.audit.record(manager, { action: 'change', tenant: client, before, after });
    return true;
  }

  override async remove(manager: EntityManager, client: Client): Promise<boolean> {
    if (!(await super.remove(manager, client))) return false;
    await this.audit.record(manager, {
      action: 'delete',
      tenant: client,
      before: new ClientView(client),
    });
    return true;
  }
}
