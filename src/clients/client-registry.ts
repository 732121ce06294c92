import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, MoreThan, QueryFailedError, Repository } from 'typeorm';
import { type TenantChanges, TenantConflictError, type TenantRegistry } from '../tenancy/index.js';
import { Client } from './client.entity.js';

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

/** The engine's registry over the `clients` table of the shared schema. */
@Injectable()
export class ClientRegistry implements TenantRegistry<Client> {
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(@InjectRepository(Client) private readonly clients: Repository<Client>) {}

  async find(id: string): Promise<Client | undefined> {
    return (await this.clients.findOneBy({ id })) ?? undefined;
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
  async *schemas(): AsyncGenerator<Client> {
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

  count(): Promise<number> {
    return this.clients.count();
  }

  async insert(manager: EntityManager, client: Client): Promise<void> {
    await tellingConflicts(client, () => manager.insert(Client, client));
  }

  async update(
    manager: EntityManager,
    client: Client,
    changes: TenantChanges<Client>,
  ): Promise<boolean> {
    const { id, schema } = client;
    if (Object.keys(changes).length === 0) return manager.existsBy(Client, { id, schema });
    const { affected } = await tellingConflicts({ ...client, ...changes }, () =>
      manager.update(Client, { id, schema }, changes),
    );
    return affected === 1;
  }

  async remove(manager: EntityManager, { id }: Client): Promise<void> {
    await manager.delete(Client, { id });
  }

  async notifyChange(manager: EntityManager, { id }: Pick<Client, 'id'>): Promise<void> {
    // A statement of its own: as part of one on a tenant's table it would be lost on a Citus worker.
    await manager.query('SELECT pg_notify($1, $2)', [CLIENT_CHANGES_CHANNEL, id]);
  }

  /** Tells this process that a tenant changed, or, without an id, that any may have. `ClientChanges` hears of it. */
  announce(id?: string): void {
    this.changes.emit('change', id);
  }

  onChange(callback: (id?: string) => void): () => void {
    this.changes.on('change', callback);
    return () => this.changes.off('change', callback);
  }
}

async function tellingConflicts<R>(client: Client, write: () => Promise<R>): Promise<R> {
  try {
    return await write();
  } catch (error) {
    const constraint = (error as { constraint?: string }).constraint ?? '';
    const taken = error instanceof QueryFailedError ? CONFLICTS[constraint] : undefined;
    throw taken ? new TenantConflictError(taken(client), { cause: error }) : error;
  }
}
