import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, MoreThan, QueryFailedError, Repository } from 'typeorm';
import { AuditLog } from '../../audit/audit-log.js';
import { type TenantChanges, TenantConflictError, type TenantRegistry } from 'nest-tenant-schemas';
import { Client } from '../client.entity.js';
import type { ClientCursor } from '../client-cursor.js';
import { ClientView } from '../dto/client.dto.js';

/** The channel that the trigger on `public.clients` notifies, with the id of the row. */
export const CLIENT_CHANGES_CHANNEL = 'tenant_schemas_clients';

/** Rows read at a time while all tenants are walked through. */
const BATCH_SIZE = 500;

/** What a broken constraint of the table means to whoever creates a tenant. */
const CONFLICTS: Readonly<Record<string, (client: Client) => string>> = {
  clients_pkey: ({ id }) => `uuid ${id}`,
  clients_name_key: ({ name }) => `tenant name "${name}"`,
  clients_schema_key: ({ schema }) => `schema "${schema}"`,
};

/** The engine's registry over the `clients` table of the shared schema. Whatever it changes, it audits. */
@Injectable()
export class ClientRegistry implements TenantRegistry<Client> {
  constructor(
    @InjectRepository(Client) private readonly clients: Repository<Client>,
    private readonly audit: AuditLog,
  ) {}

  async find(id: string): Promise<Client | undefined> {
    return (await this.clients.findOneBy({ id })) ?? undefined;
  }

  async findBySchema(schema: string): Promise<Client | undefined> {
    return (await this.clients.findOneBy({ schema })) ?? undefined;
  }

  async findByName(name: string): Promise<Client | undefined> {
    return (await this.clients.findOneBy({ name })) ?? undefined;
  }

  /** Whether a tenant has that name, without regard to case. */
  hasName(name: string): Promise<boolean> {
    return this.clients
      .createQueryBuilder('client')
      .where('lower(client.name) = lower(:name)', { name })
      .getExists();
  }

  /** Whether a tenant has that schema, or the database has it without one. */
  async hasSchema(schema: string): Promise<boolean> {
    if (await this.clients.existsBy({ schema })) return true;
    const found = (await this.clients.query(
      'SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1',
      [schema],
    )) as unknown[];
    return found.length > 0;
  }

  /** In the order of their schemas' names, so that runs over the fleet can be compared. */
  async *all(): AsyncGenerator<Client> {
    let last = '';
    for (;;) {
      const batch = await this.clients.find({
        where: { schema: MoreThan(last) },
        order: { schema: 'ASC' },
        take: BATCH_SIZE,
      });
      yield* batch;
      const end = batch.at(-1);
      if (!end || batch.length < BATCH_SIZE) return;
      last = end.schema;
    }
  }

  /** Tenants in the order in which they were made, beginning after one. */
  findAfter(cursor: ClientCursor | undefined, limit: number): Promise<Client[]> {
    const query = this.clients.createQueryBuilder('client');
    if (cursor) query.where('(client.createdOn, client.id) > (:createdOn, :id)', { ...cursor });
    return query.orderBy('client.createdOn').addOrderBy('client.id').limit(limit).getMany();
  }

  count(): Promise<number> {
    return this.clients.count();
  }

  async insert(manager: EntityManager, client: Client): Promise<void> {
    await wrapConflicts(client, () => manager.insert(Client, client));
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

  async update(
    manager: EntityManager,
    { id, schema }: Client,
    changes: TenantChanges<Client>,
  ): Promise<boolean> {
    const client = await manager.findOne(Client, {
      where: { id, schema },
      // Nobody else changes it between what is audited as before and after.
      lock: { mode: 'pessimistic_write' },
    });
    if (!client) return false;
    const changed = Object.assign(new Client(), client, changes);
    const [before, after] = [new ClientView(client), new ClientView(changed)];
    if (isDeepStrictEqual(before, after)) return true;
    await wrapConflicts(changed, () => manager.update(Client, { id }, changes));
    await this.audit.record(manager, { action: 'change', tenant: client, before, after });
    return true;
  }

  async remove(manager: EntityManager, client: Client): Promise<boolean> {
    const { id, schema } = client;
    const { affected } = await manager.delete(Client, { id, schema });
    if (affected === 0) return false;
    await this.audit.record(manager, {
      action: 'delete',
      tenant: client,
      before: new ClientView(client),
    });
    return true;
  }
}

async function wrapConflicts<R>(client: Client, write: () => Promise<R>): Promise<R> {
  try {
    return await write();
  } catch (error) {
    const constraint = (error as { constraint?: string }).constraint ?? '';
    const taken = error instanceof QueryFailedError ? CONFLICTS[constraint] : undefined;
    throw taken ? new TenantConflictError(taken(client), { cause: error }) : error;
  }
}
