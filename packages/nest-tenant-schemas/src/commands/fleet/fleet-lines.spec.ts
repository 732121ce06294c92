import { planJson, planLines, resultLine } from './fleet-lines.js';

const WORDS = { done: 'applied', nothing: 'up to date', afterFailure: '', afterInterruption: '' };

it.each([
  [{ status: 'applied', versions: ['A1', 'B2'] } as const, 'acme: applied A1, B2 (3 ms)'],
  [{ status: 'skipped', versions: [] } as const, 'acme: up to date (3 ms)'],
  [{ status: 'failed', versions: [], error: new Error('No.') } as const, 'acme: No.'],
  [
    { status: 'failed', versions: ['A1'], error: new Error('No.') } as const,
    'acme: No. Before the failure, this run had applied A1.',
  ],
])('describes %j in one line', (result, line) => {
  expect(resultLine({ schema: 'acme', durationMs: 2.6, ...result }, WORDS)).toBe(line);
});

describe('a plan', () => {
  const plan = {
    schema: 'acme',
    migrations: [
      { name: 'A1', statements: ['CREATE TABLE "acme"."a" ()', 'CREATE TABLE "acme"."b" ()'] },
      { name: 'B2', statements: undefined },
    ],
  };

  it('is SQL, with a comment if it depends on results', () => {
    expect(planLines(plan)).toEqual([
      '-- acme: A1',
      'CREATE TABLE "acme"."a" ();',
      'CREATE TABLE "acme"."b" ();',
      '',
      '-- acme: B2',
      '-- Not shown: the statements depend on query results.',
      '',
    ]);
  });

  it('ends a statement also behind a comment at its end', () => {
    const migrations = [{ name: 'A1', statements: ['DROP TABLE "acme"."a" -- gone', 'SELECT 1;'] }];
    expect(planLines({ schema: 'acme', migrations })).toEqual([
      '-- acme: A1',
      'DROP TABLE "acme"."a" -- gone',
      ';',
      'SELECT 1;',
      '',
    ]);
  });

  it('has null as JSON if it depends on results', () => {
    expect(planJson(plan)).toEqual({
      schema: 'acme',
      migrations: [plan.migrations[0], { name: 'B2', statements: null }],
    });
  });
});
