// The real side of the model: the engine's DataSource with its small pool, and the steps that wait for it.
import { inspect } from 'node:util';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import {
  dataSourceFor,
  protectDataSource,
  type Tenant,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
  tenantQueryCache,
} from '../../../src/index.js';
import { Note, poolOf, Remark, untilAllIdle } from '../../tenancy/support.js';
import type { TenantsWithRoles } from '../../tenancy/roles/tenants-with-roles.js';
import { Branch } from './branch.entity.js';
import { Actor, type Expectation } from './actor.js';
import { expectOwnRows, homeOf, IsolationBroken, ExpectedRows } from './expected-rows.js';
import { pick } from '../operations/operation.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import { ACTORS, POOL_SIZE, TENANTS } from '../settings.js';
import { isPooled } from '../statements.js';

/** Milliseconds after which a step that should have ended is one that never will. */
const STUCK_AFTER_MS = 60_000;

interface Waiting {
  readonly actor: Actor;
  readonly ended: Promise<void>;
}

export class World {
  readonly expectedRows = new ExpectedRows();
  actors: Actor[] = [];
  /** Whether a connection was cut in this run, so that statements may fail by that. */
  hasFaults = false;
  /** Whether a migration has replaced a type in this run, so that a transaction may have to be tried again. */
  hasMigrations = false;
  /** Whether raw SQL may have left a search path in a session. */
  mayHavePath = false;
  private waiting: Waiting[] = [];

  private constructor(
    readonly database: TenantsWithRoles,
    readonly dataSource: DataSource,
    /** A control goes on after an error that no row comes of: a leak is what it looks for. */
    private readonly isControl: boolean,
    /** Whether unqualified SQL works in the tenant. */
    readonly hasSearchPath: boolean,
    /** Whether each tenant has a role, which may use nothing of others. */
    readonly hasRoles: boolean,
  ) {}

  static async open(
    database: TenantsWithRoles,
    { isControl = false, ...options }: Partial<TenantDataSourceOptions> & { isControl?: boolean },
  ): Promise<World> {
    const hasRoles = options.isolation === 'role';
    const dataSource = new DataSource(
      tenantDataSourceOptions({
        url: hasRoles ? database.loginUrl : database.url,
        poolSize: POOL_SIZE,
        entities: [Note, Remark, Branch],
        cache: tenantQueryCache(),
        // Connections that were cut while idle; here that is what is wanted.
        poolErrorHandler: () => undefined,
        ...options,
      }),
    );
    await protectDataSource(dataSource).initialize();
    const hasSearchPath = options.rawSql === 'search_path';
    return new World(database, dataSource, isControl, hasSearchPath, hasRoles);
  }

  get pool(): pg.Pool {
    return poolOf(this.dataSource);
  }

  /** Whether the engine sets a search path ahead of each statement. */
  get hasIsolationSettings(): boolean {
    return this.hasSearchPath || this.hasRoles;
  }

  get tenantRoles(): string[] {
    return TENANTS.map((tenant) => this.database.roleOf(tenant));
  }

  sourceFor(tenant: Tenant | undefined): DataSource {
    return tenant ? dataSourceFor(this.dataSource, tenant) : this.dataSource;
  }

  /** Every tenant with its one row again, and actors who hold nothing, each in a tenant. */
  async reset(): Promise<void> {
    await this.database.sql(
      TENANTS.map(
        (tenant) =>
          `DELETE FROM ${tenant.schema}.notes WHERE id > 1;
           UPDATE ${tenant.schema}.notes SET text = '${homeOf(tenant)}' WHERE id = 1;`,
      ).join(''),
    );
    this.expectedRows.reset();
    this.hasFaults = false;
    this.hasMigrations = false;
    // A pooler's sessions outlive the run.
    this.mayHavePath &&= isPooled;
    this.actors = Array.from({ length: ACTORS }, (_, index) => new Actor(pick(TENANTS, index)));
  }

  /**
   * Lets an actor do something, and judges how it ended. Where every connection is held it waits its turn,
   * and so does the actor; the others go on.
   */
  async perform<T>(
    actor: Actor,
    work: () => Promise<T>,
    judge: (outcome: Outcome<T>) => void,
    needsConnection = true,
  ): Promise<void> {
    const ended = this.notStuck(actor.within(() => outcomeOf(work))).then(judge);
    // The model awaits it later. Until then it must not be an unhandled rejection.
    ended.catch(() => undefined);
    if (!needsConnection || this.hasFreeConnection) return ended;
    actor.isWaiting = true;
    this.waiting.push({ actor, ended });
  }

  /**
   * Awaits those who waited, as long as a connection is free: not in the order in which they asked, since who
   * needs a second connection may have to wait for it behind who came later.
   */
  async serveWaiting(): Promise<void> {
    while (this.waiting.length > 0 && this.hasFreeConnection) {
      const served = await Promise.race(
        this.waiting.map(async (each) => {
          await Promise.allSettled([each.ended]);
          return each;
        }),
      );
      this.waiting = this.waiting.filter((each) => each !== served);
      served.actor.isWaiting = false;
      await served.ended;
    }
  }

  /** Judges what came of reading rows, or of writing one. */
  expect<T>(
    what: string,
    expectation: Expectation,
    outcome: Outcome<T>,
  ): outcome is { kind: 'done'; value: T } {
    const isRefusal = 'refusal' in expectation;
    switch (outcome.kind) {
      case 'done':
        if (!isRefusal) return true;
        throw new IsolationBroken(`${what} was not refused by ${expectation.refusal}`);
      case 'refused':
        if (!isRefusal || outcome.code !== expectation.refusal) {
          this.fail(`${what} was refused by ${outcome.code}`);
        }
        return false;
      case 'cut':
        if (!this.hasFaults) this.fail(`${what} lost its connection, although no fault cut it`);
        return false;
      case 'aborted':
        this.fail(`${what} met a transaction that had failed before, which is another's`);
        return false;
      case 'unexpected':
        this.fail(`${what} failed: ${inspect(outcome.error)}`);
        return false;
    }
  }

  expectRows(what: string, expectation: Expectation, outcome: Outcome<{ text: string }[]>): void {
    if (outcome.kind === 'done' && 'owner' in expectation) {
      expectOwnRows(
        expectation.owner,
        outcome.value.map(({ text }) => text),
        what,
      );
    }
    this.expect(what, expectation, outcome);
  }

  /** Compares the server's rows with the reported outcomes, and checks that the actors hold no connection of the pool. */
  async compare(): Promise<void> {
    const stored = new Map<Tenant, string[]>();
    for (const tenant of TENANTS) {
      const rows = await this.database.sql<{ text: string }>(
        `SELECT text FROM ${tenant.schema}.notes`,
      );
      stored.set(
        tenant,
        rows.map(({ text }) => text),
      );
    }
    this.expectedRows.compare(stored);
    if (!this.isControl) await untilAllIdle(this.dataSource);
  }

  /** Closes all idle connections, so that the state of a run does not affect the next run. */
  async closeConnections(): Promise<void> {
    await this.dataSource.queryResultCache?.clear();
    const idle = await Promise.all(
      Array.from({ length: this.pool.idleCount }, () => outcomeOf(() => this.pool.connect())),
    );
    for (const outcome of idle) if (outcome.kind === 'done') outcome.value.release(true);
  }

  private get hasFreeConnection(): boolean {
    return this.actors.filter(({ holder }) => holder).length < POOL_SIZE;
  }

  private fail(message: string): void {
    if (!this.isControl) throw new Error(message);
  }

  private async notStuck<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('A step never ended.')), STUCK_AFTER_MS);
    });
    return Promise.race([work, limit]).finally(() => clearTimeout(timer));
  }
}
