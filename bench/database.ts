// The server of the benchmarks that serve requests, with tenants that all have the same polls.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../src/audit/audit-log.js';
import { Client } from '../src/clients/client.entity.js';
import { ClientRegistry } from '../src/clients/client-registry.js';
import { dataSourceOptions } from '../src/database/data-source-options.js';
import { sharedMigrations } from '../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../src/database/migrations/tenant/index.js';
import {
  createTenantDataSource,
  readHistory,
  SchemaMigrator,
  TenantProvisioner,
} from '../src/tenancy/index.js';
import { tenantContext } from '../src/tenancy/context/tenant-context.js';
import { ownerRoleName } from '../src/tenancy/core/role-name.js';
import { SET_CONFIG } from '../src/tenancy/schemas/roles/login-facts.js';
import { prepareRoles } from '../src/tenancy/schemas/roles/prepare-roles.js';
import { TenantRoles } from '../src/tenancy/schemas/roles/tenant-roles.js';
import { startEmbedded } from '../test/support/throw-away-embedded.js';
import { inParallel } from './measure.js';

const CONCURRENCY = 8;

/** Tenants given their polls in one statement, and tables whose statistics are made in one. */
const BATCH_SIZE = 200;

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
  /** For a login with the rights of whoever owns all schemas. */
  readonly url: string;
  /** The same address for the login that acts by tenants' roles, and has no rights without them. */
  withRoles(url: string): string;
  readonly description: string;
  /** Creates tenants until there are so many, and returns the first so many of them. */
  tenants(count: number): Promise<BenchTenant[]>;
  /** What autovacuum would do after many writes: without it the plans would stay those of small tables. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a throw-away server. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const server = await startEmbedded({ settings: SETTINGS, hasTenantRoles: true });
  const dataSource = await createTenantDataSource(
    dataSourceOptions(
      { databasePoolSize: CONCURRENCY, logLevel: 'error', tenantIsolation: 'role' },
      server.url,
    ),
  ).initialize();
  const fleet = new BenchFleet(dataSource);
  await fleet.migrateShared();
  await makeLoginOfNames(server.superuserUrl, server.url);
  return {
    url: withLogin(server.url, LOGIN_OF_NAMES),
    withRoles: (url) => withLogin(url, new URL(server.url)),
    description: await versionOf(server.url),
    tenants: (count) => fleet.grow(count),
    tidy: () => fleet.tidy(),
    async stop() {
      await dataSource.destroy();
      await server.stop();
    },
  };
}

/** Tenants have roles, for the variants that act by them. The others log in as one that passes them by. */
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

async function versionOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version') AS version",
    );
    return `PostgreSQL ${rows[0]?.version ?? ''}`;
  } finally {
    await client.end();
  }
}

class BenchFleet {
  private readonly registry: ClientRegistry;
  private readonly made: BenchTenant[] = [];

  constructor(private readonly dataSource: DataSource) {
    this.registry = new ClientRegistry(
      dataSource.getRepository(Client),
      new AuditLog({ name: 'bench', via: 'bench' }),
    );
  }

  async migrateShared(): Promise<void> {
    const roles = TenantRoles.of(this.dataSource);
    if (roles) await prepareRoles(this.dataSource, roles);
    const histories = { shared: readHistory(sharedMigrations, 'shared'), tenant: [] };
    const migrator = new SchemaMigrator(this.dataSource, this.registry, histories);
    const { error } = await migrator.migrateShared();
    if (error) throw error;
  }

  /** Where autovacuum's own threshold is passed. https://www.postgresql.org/docs/current/routine-vacuuming.html */
  async tidy(): Promise<void> {
    const grown = await this.dataSource.query<{ name: string }[]>(
      `SELECT relid::regclass::text AS name FROM pg_stat_user_tables
       WHERE n_mod_since_analyze > 50 + 0.1 * n_live_tup`,
    );
    for (let from = 0; from < grown.length; from += BATCH_SIZE) {
      const names = grown.slice(from, from + BATCH_SIZE).map(({ name }) => name);
      await tenantContext.runAsOwner(undefined, () =>
        this.dataSource.query(`ANALYZE ${names.join(', ')}`),
      );
    }
  }

  async grow(count: number): Promise<BenchTenant[]> {
    const history = readHistory(tenantMigrations, 'tenant');
    const provisioner = new TenantProvisioner(this.dataSource, this.registry, history);
    const missing = Array.from({ length: count - this.made.length }, (_, index) =>
      newClient(`bench_${String(this.made.length + index).padStart(5, '0')}`),
    );
    await inParallel(missing, CONCURRENCY, (client) => provisioner.create(client));
    const schemas = missing.map(({ schema }) => schema);
    for (let from = 0; from < schemas.length; from += BATCH_SIZE) {
      const text = givePolls(schemas.slice(from, from + BATCH_SIZE));
      await tenantContext.runAsOwner(undefined, () => this.dataSource.query(text));
    }
    this.made.push(...missing.map(({ id, schema }) => ({ uuid: id, schema })));
    return this.made.slice(0, count);
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
        EXECUTE format('ANALYZE %1$I.polls, %1$I.choices', tenant);
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
