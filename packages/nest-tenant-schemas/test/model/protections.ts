// The engine's protections, each of which a control takes out of the model to see that it is missed.
import pg from 'pg';
import Cursor from 'pg-cursor';
import { tenantContext } from '../../src/index.js';
import type { Checkout } from '../../src/connection/pool/checkout.interface.js';
import { StatementPreamble } from '../../src/connection/wire/statement-preamble.js';
import { TenantClient } from '../../src/connection/client/tenant-client.js';
import { TenantPool } from '../../src/connection/pool/tenant-pool.js';
import { OwnedEntity } from '../../src/connection/typeorm/entities/entity-owner.js';
import { STATEMENT_NAME } from './statements.js';
import type { World } from './world/world.js';

type Removal = (world: World) => void;
type Spied = (this: unknown, ...args: unknown[]) => unknown;

/** How each protection is removed until `jest.restoreAllMocks()`; on the world for good. */
export const REMOVALS: Readonly<Record<string, Removal>> = {
  'the refusal without a tenant: a client keeps its last one'() {
    jest.spyOn(TenantClient.prototype, 'unbind').mockReturnValue();
    const { bind } = TenantClient.prototype;
    jest.spyOn(TenantClient.prototype, 'bind').mockImplementation(function (
      this: TenantClient,
      checkout,
    ) {
      if (checkout.tenant) bind.call(this, checkout);
    });
    const { query } = pg.Pool.prototype as unknown as { query: Spied };
    jest.spyOn(TenantPool.prototype, 'query').mockImplementation(query as never);
  },

  'the comparison of a client with the current tenant'() {
    jest.spyOn(TenantClient.prototype, 'assertOwnTenant').mockReturnValue();
  },

  'the closing of dirty clients'() {
    // Behind a half read cursor everything would wait for ever; that is found by waiting, not by a row.
    jest.spyOn(TenantClient.prototype, 'releaseProblem', 'get').mockImplementation(function (
      this: TenantClient,
    ) {
      const { _activeQuery } = this as unknown as { _activeQuery: unknown };
      return _activeQuery instanceof Cursor ? 'a cursor was half read' : undefined;
    });
  },

  'the tenant at the call of a checkout: it is asked for in the callback'() {
    const { connect } = pg.Pool.prototype as unknown as { connect: Spied };
    const late: Spied = function (this: unknown, callback) {
      const notify = (error: unknown, client: TenantClient | undefined, release: unknown): void => {
        client?.bind({
          tenant: tenantContext.current,
          isBound: tenantContext.scope?.isBound ?? false,
        });
        (callback as Spied)(error, client, release);
      };
      return connect.call(this, callback && notify);
    };
    jest.spyOn(TenantPool.prototype, 'connect').mockImplementation(late as never);
  },

  'the removal of names from statements'() {
    const { query } = TenantClient.prototype as unknown as { query: Spied };
    const named: Spied = function (this: unknown, ...args) {
      const { name } = args[0] as { name?: unknown };
      const send = name === STATEMENT_NAME ? pg.Client.prototype.query : query;
      return (send as Spied).apply(this, args);
    };
    jest.spyOn(TenantClient.prototype, 'query').mockImplementation(named as never);
  },

  'the memory of whose row an entity is'() {
    jest.spyOn(OwnedEntity, 'stamp').mockReturnValue();
  },

  'the guard of operations that take an entity'({ dataSource }) {
    for (const symbol of Object.getOwnPropertySymbols(dataSource)) {
      Reflect.deleteProperty(dataSource, symbol);
    }
  },

  'the tenant in the key of the query cache'({ dataSource }) {
    const results = new Map<string | undefined, unknown>();
    Object.assign(dataSource.queryResultCache ?? {}, {
      getFromCache: async ({ identifier }: { identifier?: string }) => results.get(identifier),
      storeInCache: async (stored: { identifier?: string }) =>
        void results.set(stored.identifier, stored),
      clear: async () => results.clear(),
    });
  },

  'the tenant of bound handles: they follow the context'(world) {
    world.sourceFor = () => world.dataSource;
  },

  'the tenant of lazy relations'({ dataSource: { relationLoader } }) {
    const { load } = relationLoader;
    const { load: unguarded } = Object.getPrototypeOf(relationLoader) as typeof relationLoader;
    // Without a tenant the guard stays: it is also what makes the rejection one that can be caught.
    relationLoader.load = function (relation, entity, ...rest) {
      if (!tenantContext.current) return load.call(this, relation, entity, ...rest);
      return unguarded.call(this, relation, { ...entity }, ...rest);
    };
  },
};

/** Only a statement with the schema placeholder is compared with the current tenant. */
export function removeComparisonOfOtherTexts(): void {
  const { assertOwnTenant, requireTenant } = TenantClient.prototype;
  const compare = jest.spyOn(TenantClient.prototype, 'assertOwnTenant').mockReturnValue();
  jest.spyOn(TenantClient.prototype, 'requireTenant').mockImplementation(function (
    this: TenantClient,
  ) {
    compare.mockImplementation(assertOwnTenant);
    try {
      return requireTenant.call(this);
    } finally {
      compare.mockReturnValue();
    }
  });
}

/** A connection keeps to the search path, and the role, of the first tenant that it was used for. */
export function removeSettingsRenewal(): void {
  const { bindTo } = StatementPreamble.prototype;
  const first = new WeakMap<StatementPreamble, Checkout>();
  jest.spyOn(StatementPreamble.prototype, 'bindTo').mockImplementation(function (
    this: StatementPreamble,
    checkout,
  ) {
    if (checkout.tenant && !first.has(this)) first.set(this, checkout);
    bindTo.call(this, first.get(this) ?? checkout);
  });
}

/** What `isolation: 'role'` rests on. */
export const ROLE_REMOVALS: Readonly<Record<string, Removal>> = {
  'a role of the tenant: everybody acts as the owner'() {
    const { bindTo } = StatementPreamble.prototype;
    jest.spyOn(StatementPreamble.prototype, 'bindTo').mockImplementation(function (
      this: StatementPreamble,
      checkout,
    ) {
      bindTo.call(this, { ...checkout, actsAsOwner: true });
    });
  },

  'a role that is set for each tenant': removeSettingsRenewal,

  'a role that is set ahead of every transaction: it is set once a checkout, for the session'() {
    const { takePreamble } = StatementPreamble.prototype;
    jest.spyOn(StatementPreamble.prototype, 'takePreamble').mockImplementation(function (
      this: StatementPreamble,
      ...statement
    ) {
      const preamble = takePreamble.apply(this, statement);
      if (preamble.length > 0) this.clearIsolation();
      return preamble.map(({ text, values }) => ({
        text: text.replaceAll(', true)', ', false)').replace('SET LOCAL', 'SET'),
        values,
      }));
    });
  },
};
