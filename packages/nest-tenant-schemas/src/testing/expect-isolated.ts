import { deepStrictEqual, notDeepStrictEqual } from 'node:assert/strict';
import type { Tenant } from '../index.js';
import type { TestTenant } from './create-test-tenant.js';
import type { TwoTenants } from './use-two-tenants.js';

/** A write and a read of the application. Both run in the tenant that they get. */
export interface IsolationProbe<T extends Tenant = Tenant> {
  /** Writes something: through a service, or through HTTP with `tenant.headers`. */
  write(tenant: TestTenant<T>): unknown;
  /** Returns what the tenant sees of it. Values are compared deeply. */
  read(tenant: TestTenant<T>): unknown;
}

/**
 * Asserts that what one tenant writes is seen by this tenant only. It writes in each of two tenants in turn.
 *
 * @throws AssertionError if the other tenant sees a change
 * @throws AssertionError if the writing tenant sees none, because such a check would prove nothing
 */
export async function expectIsolated<T extends Tenant = Tenant>(
  { a, b }: Pick<TwoTenants<T>, 'a' | 'b'>,
  { write, read }: IsolationProbe<T>,
): Promise<void> {
  for (const [own, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const seen = async (by: TestTenant<T>): Promise<unknown> => by.run(() => read(by));
    const before = { own: await seen(own), other: await seen(other) };
    await own.run(() => write(own));
    const { schema } = own.tenant;
    deepStrictEqual(
      await seen(other),
      before.other,
      `Tenant ${other.tenant.schema} sees what tenant ${schema} wrote.`,
    );
    notDeepStrictEqual(
      await seen(own),
      before.own,
      `Tenant ${schema} does not see its own write, so this check proves nothing. Let read() return what write() changes.`,
    );
  }
}
