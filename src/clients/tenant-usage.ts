import { type DataSource, type EntityTarget, type ObjectLiteral, QueryFailedError } from 'typeorm';
import { dataSourceFor } from 'nest-tenant-schemas';
import type { Client } from './client.entity.js';
import type { Usage } from './dto/client.dto.js';

/** Entities whose rows are counted. `AppModule` passes them, because this feature does not know the others. */
export type CountedEntities = Readonly<Record<keyof Usage, EntityTarget<ObjectLiteral>>>;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01';

/** Counts the rows of a tenant. */
export class TenantUsage {
  constructor(
    private readonly dataSource: DataSource,
    private readonly counted: CountedEntities,
  ) {}

  async of(client: Client): Promise<Usage> {
    const dataSource = dataSourceFor(this.dataSource, client);
    // One after the other, so that the request of an operator uses one connection only.
    const polls = await count(dataSource, this.counted.polls);
    const users = await count(dataSource, this.counted.users);
    return { polls, users };
  }
}

/** Counts rows. Returns 0 if the tenant's migrations have not created the table yet. */
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
