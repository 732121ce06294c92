import { type DataSource, type EntityTarget, type ObjectLiteral, QueryFailedError } from 'typeorm';
import { dataSourceFor } from 'nest-tenant-schemas';
import type { Client } from './client.entity.js';
import type { Usage } from './dto/client.dto.js';

/** Which entities' rows are counted. The composition says: tenants' features are none of this one's. */
export type CountedEntities = Readonly<Record<keyof Usage, EntityTarget<ObjectLiteral>>>;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01';

/** Counts what tenants have. */
export class TenantUsage {
  constructor(
    private readonly dataSource: DataSource,
    private readonly counted: CountedEntities,
  ) {}

  async of(client: Client): Promise<Usage> {
    const dataSource = dataSourceFor(this.dataSource, client);
    // One after the other: an operator's question takes one connection, not all of a tenant's tables at once.
    const polls = await count(dataSource, this.counted.polls);
    const users = await count(dataSource, this.counted.users);
    return { polls, users };
  }
}

/** A table that the tenant's migrations have not made yet has no rows. */
async function count(dataSource: DataSource, entity: EntityTarget<ObjectLiteral>): Promise<number> {
  try {
    return await dataSource.getRepository(entity).count();
  } catch (error) {
    if (isUndefinedTable(error)) return 0;
    throw error;
  }
}

function isUndefinedTable(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: unknown }).code === UNDEFINED_TABLE;
}
