import type { INestApplicationContext } from '@nestjs/common';
import { TenancyOptionsError, type Tenant } from '../index.js';
import { createTestTenant, type TestTenant, type TestTenantOptions } from './create-test-tenant.js';

/** An application and two of its tenants. All three exist from the first test to the last. */
export interface TwoTenants<T extends Tenant = Tenant, App = INestApplicationContext> {
  readonly app: App;
  readonly a: TestTenant<T>;
  readonly b: TestTenant<T>;
}

/** What Jest and Vitest (with `globals: true`) put into each test file. */
interface TestHooks {
  beforeAll?(hook: () => Promise<void>): void;
  afterAll?(hook: () => Promise<void>): void;
}

/**
 * Opens an application and creates two tenants before the tests of a file or of a `describe`. Drops the tenants and closes
 * the application after them. Read `app`, `a` and `b` within tests and hooks only.
 *
 * @param open opens the application: `app.init()`, or `app.listen(0)` for tests over HTTP
 * @param options of both tenants, or a function that returns the options of each
 * @throws TenancyOptionsError if there are no global functions `beforeAll` and `afterAll`
 */
export function useTwoTenants<
  T extends Tenant = Tenant,
  App extends INestApplicationContext = INestApplicationContext,
>(
  open: () => Promise<App>,
  options: TestTenantOptions<T> | ((name: 'a' | 'b') => TestTenantOptions<T>) = {},
): TwoTenants<T, App> {
  const { beforeAll, afterAll } = globalThis as TestHooks;
  if (!beforeAll || !afterAll) {
    throw new TenancyOptionsError(
      'useTwoTenants',
      'needs the global functions beforeAll and afterAll. In Vitest, set `test: { globals: true }`',
    );
  }
  const opened: { app?: App; a?: TestTenant<T>; b?: TestTenant<T> } = {};
  const optionsOf = (name: 'a' | 'b'): TestTenantOptions<T> =>
    typeof options === 'function' ? options(name) : options;
  beforeAll(async () => {
    opened.app = await open();
    opened.a = await createTestTenant(opened.app, optionsOf('a'));
    opened.b = await createTestTenant(opened.app, optionsOf('b'));
  });
  afterAll(async () => {
    const { app, a, b } = opened;
    try {
      const drops = await Promise.allSettled([a?.drop(), b?.drop()]);
      const failed = drops.find((drop) => drop.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      await app?.close();
    }
  });
  return {
    get app() {
      return existing('app', opened.app);
    },
    get a() {
      return existing('a', opened.a);
    },
    get b() {
      return existing('b', opened.b);
    },
  };
}

function existing<V>(name: string, value: V | undefined): V {
  if (value !== undefined) return value;
  throw new TenancyOptionsError(
    'useTwoTenants',
    `has no ${name} yet. Read it within a test or a hook`,
  );
}
