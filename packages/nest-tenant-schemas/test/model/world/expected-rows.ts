// The rows that the tenants' tables must contain after the reported outcomes. The text of each row is `<schema>/<mark>`.
import type { Tenant } from '../../../src/index.js';

/** A row of another tenant was read or written, undone work was kept, or acknowledged work is not there. */
export class IsolationBroken extends Error {}

/** The mark of the row that every tenant has from the start, so that reading nothing is noticed. */
const HOME = 'home';

export const textOf = (tenant: Tenant, mark: string): string => `${tenant.schema}/${mark}`;
export const homeOf = (tenant: Tenant, version = 0): string => textOf(tenant, `${HOME}.${version}`);

/** @throws IsolationBroken unless all that was read is the tenant's own, its first row among it */
export function expectOwnRows(tenant: Tenant, texts: readonly string[], what: string): void {
  const foreign = texts.find((text) => !text.startsWith(textOf(tenant, '')));
  if (foreign !== undefined) {
    throw new IsolationBroken(`${what} in ${tenant.schema} read ${foreign}`);
  }
  if (!texts.some((text) => text.startsWith(textOf(tenant, HOME)))) {
    throw new IsolationBroken(`${what} in ${tenant.schema} did not read its own rows`);
  }
}

/** The rows whose fate is known, by their text. */
export class ExpectedRows {
  private readonly acknowledged = new Set<string>();
  private readonly undone = new Set<string>();
  /** Kept for good: a connection that was cut may still have its last statement carried out. */
  private readonly uncertain = new Set<string>();
  private marks = 0;

  /** A text that no other row has. */
  newText(tenant: Tenant): string {
    return textOf(tenant, String(++this.marks));
  }

  acknowledge(texts: Iterable<string>): void {
    for (const text of texts) this.acknowledged.add(text);
  }

  undo(texts: Iterable<string>): void {
    for (const text of texts) this.undone.add(text);
  }

  allowEither(texts: Iterable<string>): void {
    for (const text of texts) this.uncertain.add(text);
  }

  /** Forgets what the tables were emptied of. */
  reset(): void {
    this.acknowledged.clear();
    this.undone.clear();
  }

  /** @throws IsolationBroken for the first row that is not as it must be */
  compare(stored: ReadonlyMap<Tenant, readonly string[]>): void {
    const all = new Set<string>();
    for (const [tenant, texts] of stored) {
      expectOwnRows(tenant, texts, 'The server');
      for (const text of texts) all.add(text);
    }
    for (const text of this.undone) {
      if (all.has(text)) throw new IsolationBroken(`${text} was undone, and is stored`);
    }
    for (const text of this.acknowledged) {
      if (!all.has(text)) throw new IsolationBroken(`${text} was acknowledged, and is not stored`);
    }
    for (const text of all) {
      const isKnown = this.acknowledged.has(text) || this.uncertain.has(text);
      if (!isKnown && !text.includes(`/${HOME}.`))
        throw new IsolationBroken(`${text} was never written`);
    }
  }
}
