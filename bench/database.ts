// The server of the benchmarks that serve requests, with tenants that all have the same polls.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../src/audit/audit-log.js';
import { Client } from '../src/clients/client.entity.js';
import { ClientRegistry } from '../src/clients/registry/client-registry.js';
import { dataSourceOptions } from '../src/database/data-source-options.js';
import { sharedMigrations } from '../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../src/database/migrations/tenant/index.js';
import {
  createTenantDataSource,
  readHistory,
  SchemaMigrator,
  TenantProvisioner,
} from 'nest-tenant-schemas';
import { ownerRoleName } from '../packages/nest-tenant-schemas/src/core/names/role-name.js';
import { SET_CONFIG } from '../packages/nest-tenant-schemas/src/schemas/roles/login-facts.js';
import { prepareRoles } from '../packages/nest-tenant-schemas/src/schemas/roles/prepare-roles.js';
import { TenantRoles } from '../packages/nest-tenant-schemas/src/schemas/roles/tenant-roles.js';
import { startEmbedded } from 'test-support/throw-away-embedded.js';
import { parentOf } from './cpu-time.js';
import { inParallel } from './measure.js';

const CONCURRENCY = 8;

/** Tenants given their polls in one statement, and tables whose statistics are made in one. */
const BATCH_SIZE = 200;

/**
 * The first ones: as many as all variants of a case with roles have for their own, by 100 each. A role takes the longer to make, the more
 * there are (docs/decisions/0008-roles.md).
 */
const TENANTS_WITH_ROLES = 400;

/**
 * Autovacuum would run in the middle of a measurement, for whichever variant is on; nothing is lasting here, so
 * nothing is synced. One DataSource for each tenant takes many connections.
 */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  max_connections: '500',
  max_locks_per_transaction: '256',
};

/** In words, for the results. */
export const SERVER_SETTINGS = Object.entries(SETTINGS)
  .map(([name, value]) => `${name}=${value}`)
  .join(', ');

/** What each tenant has. The last poll lies beyond the first page, and has more choices than the others. */
export const SEEDED = { polls: 25, choices: 3, choicesOfLast: 20 };

export interface BenchTenant {
  readonly uuid: string;
  readonly schema: string;
}

export interface BenchDatabase {
  /** Address with a login that has the rights of the owner of all schemas. */
  readonly url: string;
  /** The same address for the login that acts by tenants' roles, and has no rights without them. */
  withRoles(url: string): string;
  readonly description: string;
  /** Process id of the server, which the processes of its connections are children of. */
  readonly pid: number;
  /** Creates tenants until there are so many, and returns the first so many of them. */
  tenants(count: number): Promise<BenchTenant[]>;
  /** What autovacuum would do after many writes: without it dead rows would pile up, and plans stay those of small tables. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a throw-away server. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const server = await startEmbedded({ settings: SETTINGS, hasTenantRoles: true });
  const withRoles = await connect(server.url, 'role');
  await migrateShared(withRoles);
  await makeLoginOfNames(server.superuserUrl, server.url);
  const url = withLogin(server.url, LOGIN_OF_NAMES);
  const withNames = await connect(url, 'names');
  const fleet = new BenchFleet(withRoles, withNames);
  return {
    url,
    withRoles: (address) => withLogin(address, new URL(server.url)),
    ...(await serverOf(server.url)),
    tenants: (count) => fleet.grow(count),
    tidy: () => fleet.tidy(),
    async stop() {
      await Promise.all([withRoles.destroy(), withNames.destroy()]);
      await server.stop();
    },
  };
}

function connect(url: string, tenantIsolation: 'names' | 'role'): Promise<DataSource> {
  const settings = { databasePoolSize: CONCURRENCY, logLevel: 'error', tenantIsolation } as const;
  return createTenantDataSource(dataSourceOptions(settings, url)).initialize();
}

async function migrateShared(dataSource: DataSource): Promise<void> {
  const roles = TenantRoles.of(dataSource);
  if (roles) await prepareRoles(dataSource, roles);
  const histories = { shared: readHistory(sharedMigrations, 'shared'), tenant: [] };
  const migrator = new SchemaMigrator(dataSource, registryOf(dataSource), histories);
  const { error } = await migrator.migrateShared();
  if (error) throw error;
}

function registryOf(dataSource: DataSource): ClientRegistry {
  const audit = new AuditLog({ name: 'bench', via: 'bench' });
  return new ClientRegistry(dataSource, audit);
}

/** Variants that act by tenants' roles log in as one that has no rights without them. The others pass roles by. */
const LOGIN_OF_NAMES = { username: 'bench_names', password: 'bench' };

async function makeLoginOfNames(superuserUrl: string, url: string): Promise<void> {
  const { username, password } = LOGIN_OF_NAMES;
  const owner = ownerRoleName(new URL(url).pathname.slice(1));
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(
      `CREATE ROLE ${username} LOGIN PASSWORD '${password}';
       GRANT "${owner}" TO ${username} WITH INHERIT TRUE;
       GRANT EXECUTE ON FUNCTION ${SET_CONFIG} TO ${username}`,
    );
  } finally {
    await client.end();
  }
}

function withLogin(
  url: string,
  { username, password }: Pick<URL, 'username' | 'password'>,
): string {
  return Object.assign(new URL(url), { username, password }).toString();
}

async function serverOf(url: string): Promise<Pick<BenchDatabase, 'description' | 'pid'>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; backend: number }>(
      "SELECT current_setting('server_version') AS version, pg_backend_pid() AS backend",
    );
    const [{ version, backend } = { version: '', backend: 0 }] = rows;
    return { description: `PostgreSQL ${version}`, pid: parentOf(backend) };
  } finally {
    await client.end();
  }
}

class BenchFleet {
  private readonly made: BenchTenant[] = [];

  constructor(
    private readonly withRoles: DataSource,
    private readonly withNames: DataSource,
  ) {}

  /** Where autovacuum's own thresholds are passed. https://www.postgresql.org/docs/current/routine-vacuuming.html */
  async tidy(): Promise<void> {
    const changed = await this.withNames.query<{ name: string; has_dead: boolean }[]>(
      `SELECT relid::regclass::text AS name, n_dead_tup > 50 + 0.2 * n_live_tup AS has_dead FROM pg_stat_user_tables
       WHERE n_dead_tup > 50 + 0.2 * n_live_tup OR n_mod_since_analyze > 50 + 0.1 * n_live_tup`,
    );
    const names = (isDead: boolean): string[] =>
      changed.filter(({ has_dead }) => has_dead === isDead).map(({ name }) => name);
    await this.forTables('VACUUM ANALYZE', names(true));
    await this.forTables('ANALYZE', names(false));
  }

  private async forTables(command: string, tables: readonly string[]): Promise<void> {
    for (let from = 0; from < tables.length; from += BATCH_SIZE) {
      await this.withNames.query(`${command} ${tables.slice(from, from + BATCH_SIZE).join(', ')}`);
    }
  }

  async grow(count: number): Promise<BenchTenant[]> {
    const missing = Array.from({ length: count - this.made.length }, (_, index) =>
      newClient(`bench_${String(this.made.length + index).padStart(5, '0')}`),
    );
    const free = Math.max(0, TENANTS_WITH_ROLES - this.made.length);
    await this.create(this.withRoles, missing.slice(0, free));
    await this.create(this.withNames, missing.slice(free));
    const schemas = missing.map(({ schema }) => schema);
    for (let from = 0; from < schemas.length; from += BATCH_SIZE) {
      await this.withNames.query(givePolls(schemas.slice(from, from + BATCH_SIZE)));
    }
    // By itself: within the transaction of the rows the server would go on counting them as not analyzed.
    const seeded = schemas.flatMap((schema) => [`${schema}.polls`, `${schema}.choices`]);
    await this.forTables('ANALYZE', seeded);
    this.made.push(...missing.map(({ id, schema }) => ({ uuid: id, schema })));
    return this.made.slice(0, count);
  }

  private create(dataSource: DataSource, clients: readonly Client[]): Promise<void> {
    const history = readHistory(tenantMigrations, 'tenant');
    const provisioner = new TenantProvisioner(dataSource, registryOf(dataSource), history);
    return inParallel(clients, CONCURRENCY, (client) => provisioner.create(client));
  }
}

/** Each question and each choice names its tenant, so that every answer can be checked. */
function givePolls(schemas: readonly string[]): string {
  const { polls, choices, choicesOfLast } = SEEDED;
  return `DO $$
    DECLARE tenant text;
    BEGIN
      FOREACH tenant IN ARRAY ARRAY['${schemas.join("','")}'] LOOP
        EXECUTE format('INSERT INTO %1$I.polls (question)
          SELECT ''Question '' || n || '' of %1$s'' FROM generate_series(1, ${polls}) AS n', tenant);
        EXECUTE format('INSERT INTO %1$I.choices (choice_text, poll_id)
          SELECT ''Choice '' || n || '' of %1$s'', poll.id FROM %1$I.polls AS poll,
            LATERAL generate_series(1, CASE WHEN poll.id = ${polls} THEN ${choicesOfLast} ELSE ${choices} END) AS n
          ORDER BY poll.id, n', tenant);
      END LOOP;
    END $$`;
}

function newClient(schema: string): Client {
  return Object.assign(new Client(), {
    id: randomUUID(),
    name: schema,
    schema,
    paidUntil: null,
    onTrial: false,
    access: 'open',
    suspended: false,
    createdOn: new Date(),
  });
}
