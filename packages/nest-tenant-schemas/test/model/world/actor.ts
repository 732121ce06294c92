// One of those who work at the same time: for whom it works now, what it holds, and what must come of it.
import type pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { type Tenant, tenantContext } from '../../../src/index.js';
import type { Note } from '../../tenancy/support.js';
import { pick } from '../operations/operation.js';
import type { RefusalCode } from '../outcome.js';
import { TENANTS } from '../settings.js';

/** A connection that is held over several steps. */
export interface Holder {
  readonly connection:
    | { readonly kind: 'client'; readonly client: pg.PoolClient }
    | { readonly kind: 'runner'; readonly runner: QueryRunner };
  /** Whose it is: the tenant of its checkout, or of the bound handle that made it. */
  readonly tenant: Tenant | undefined;
  readonly isBound: boolean;
  /** Texts written in the open transaction: one list for it, and one for each savepoint. */
  levels: string[][];
  /** Whether the open transaction has failed, so that the server refuses all but its end. */
  isAborted: boolean;
  /** Whether its connection was lost. */
  isCut: boolean;
  /** Whether raw SQL has set a search path inside one of its transactions. */
  hasOwnPath: boolean;
  /** Whether a cursor is half read on it: whatever is sent now waits for ever. */
  isStuck: boolean;
}

/** An entity that is kept and used later, maybe in another tenant. */
export interface Pocket {
  readonly note: Note;
  readonly tenant: Tenant;
  /** Whether a bound handle loaded it: its lazy relations then stay in its tenant. */
  readonly isBound: boolean;
}

/** What a use of a tenant's data must come to: the rows of one tenant, or a refusal. */
export type Expectation = { readonly owner: Tenant } | { readonly refusal: RefusalCode };

/** A statement that names no tenant's schema succeeds in no tenant's context. */
export const ANYBODY: Expectation = { owner: pick(TENANTS, 0) };

export class Actor {
  /** Tenants whose `run` it is inside of, the innermost last; undefined is `runWithoutTenant`. */
  readonly contexts: (Tenant | undefined)[];
  holder: Holder | undefined;
  pocket: Pocket | undefined;
  /** Whether its last step waits for a connection. */
  isWaiting = false;

  constructor(tenant: Tenant) {
    this.contexts = [tenant];
  }

  get current(): Tenant | undefined {
    return this.contexts.at(-1);
  }

  /** Runs `work` inside all of the actor's contexts, each within the one before. */
  within<T>(work: () => T, depth = 0): T {
    if (depth === this.contexts.length) return work();
    const tenant = this.contexts[depth];
    const inner = (): T => this.within(work, depth + 1);
    return tenant ? tenantContext.run(tenant, inner) : tenantContext.runWithoutTenant(inner);
  }

  /** By the DataSource, or by a handle that is bound to a tenant. */
  expectOfRequest(bound?: Tenant): Expectation {
    const owner = bound ?? this.current;
    return owner ? { owner } : { refusal: 'TENANT_CONTEXT_MISSING' };
  }

  /** By a connection that was checked out before, maybe in another context. */
  expectOfHolder({ tenant, isBound }: Holder): Expectation {
    if (!tenant) return { refusal: 'TENANT_CONTEXT_MISSING' };
    const current = isBound ? tenant : (this.current ?? tenant);
    return current === tenant ? { owner: tenant } : { refusal: 'TENANT_MISMATCH' };
  }

  /** By a statement on that connection that names no tenant's schema. */
  expectOfStatement(holder: Holder): Expectation {
    return holder.tenant ? this.expectOfHolder(holder) : ANYBODY;
  }

  /** By an entity that was loaded before, through the DataSource or a handle that is bound to a tenant. */
  expectOfPocket({ tenant }: Pocket, bound?: Tenant): Expectation {
    const expectation = this.expectOfRequest(bound);
    const isOther = 'owner' in expectation && expectation.owner !== tenant;
    return isOther ? { refusal: 'TENANT_MISMATCH' } : expectation;
  }
}
