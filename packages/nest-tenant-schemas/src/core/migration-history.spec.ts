// Histories and plans: order by timestamp, rules on names, and what a schema lacks or has too many of.
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { MigrationClass } from '../interfaces/tenant-migration.interface.js';
import { migrationsFingerprint } from './migrations-fingerprint.js';
import { planMigrations, readHistory } from './migration-history.js';

function migrationClass(name: string, more: object = {}): MigrationClass {
  return class {
    name = name;
    up = (): Promise<void> => Promise.resolve();
    down = (): Promise<void> => Promise.resolve();

    constructor() {
      Object.assign(this, more);
    }
  };
}

it('orders a history by its timestamps, however it is listed', () => {
  const history = readHistory(
    [migrationClass('A1700000000002'), migrationClass('Z1700000000001')],
    'tenantMigrations',
  );
  expect(history.map(({ name }) => name)).toEqual(['Z1700000000001', 'A1700000000002']);
});

it('uses the class name if a migration has no name', () => {
  class Plain1700000000001 {
    up = (): Promise<void> => Promise.resolve();
    down = (): Promise<void> => Promise.resolve();
  }
  expect(readHistory([Plain1700000000001], 'x')[0]?.name).toBe('Plain1700000000001');
});

it.each([
  ['a name without a timestamp', [migrationClass('CreatePolls')], 'CreatePolls'],
  [
    'a timestamp that stands twice',
    [migrationClass('A1700000000001'), migrationClass('B1700000000001')],
    'A1700000000001 and B1700000000001',
  ],
  [
    'a migration outside transactions without upInNewSchema',
    [migrationClass('A1700000000001', { transaction: false })],
    'upInNewSchema',
  ],
])('refuses %s, naming it', (_title, classes, named) => {
  expect(() => readHistory(classes, 'tenantMigrations')).toThrow(TenancyOptionsError);
  expect(() => readHistory(classes, 'tenantMigrations')).toThrow(named);
});

it('plans what a migrations table lacks, and finds what the code does not know', () => {
  const history = readHistory(
    [1, 2, 3].map((digit) => migrationClass(`Step170000000000${digit}`)),
    'x',
  );
  const plan = planMigrations(history, ['Step1700000000001', 'Newer1700000000009']);
  expect(plan.pending.map(({ name }) => name)).toEqual(['Step1700000000002', 'Step1700000000003']);
  expect(plan.unknown).toEqual(['Newer1700000000009']);
});

it('gives different fingerprints to different migrations tables, and the same to the same', () => {
  expect(migrationsFingerprint(['a', 'b'])).toBe(migrationsFingerprint(['a', 'b']));
  expect(
    new Set([['a', 'b'], ['b', 'a'], ['a'], [], ['ab'], ['a\nb']].map(migrationsFingerprint)).size,
  ).toBe(6);
  expect(migrationsFingerprint(['a'])).toMatch(/^[a-z0-9 -]+$/);
});
