import type { SoakServers } from './servers.js';
import type { SoakTenant } from './tenant.js';

export interface StoredVerdict {
  /** Acknowledged writes that the database does not have. */
  readonly lostWrites: number;
  /** Rows in a schema that carry another tenant's mark. */
  readonly foreignRows: number;
}

/** Compares what is stored with what was acknowledged. */
export async function judgeStored(
  servers: SoakServers,
  tenants: readonly SoakTenant[],
): Promise<StoredVerdict> {
  const rows = await servers.sql<{ schema: string }>(
    `SELECT nspname AS schema FROM pg_namespace
     WHERE to_regclass(format('%I.polls', nspname)) IS NOT NULL`,
  );
  const schemas = new Set(rows.map(({ schema }) => schema));
  let [lostWrites, foreignRows] = [0, 0];
  for (const tenant of tenants) {
    if (schemas.has(tenant.schema)) {
      const polls = await servers.sql<{ id: number; question: string }>(
        `SELECT id, question FROM "${tenant.schema}".polls`,
      );
      foreignRows += polls.filter(({ question }) => !tenant.owns(question)).length;
      lostWrites += lostOf(tenant, new Map(polls.map(({ id, question }) => [id, question])));
    } else if (!tenant.mayBeDropped) {
      lostWrites += tenant.polls.size;
    }
  }
  return { lostWrites, foreignRows };
}

function lostOf(tenant: SoakTenant, stored: ReadonlyMap<number, string>): number {
  const isLost = ([id, questions]: [number, ReadonlySet<string>]): boolean =>
    !questions.has(stored.get(id) ?? '');
  const undone = Array.from(tenant.deleted).filter((id) => stored.has(id));
  return Array.from(tenant.polls).filter(isLost).length + undone.length;
}
