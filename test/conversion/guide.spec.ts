// The guide for converting says what is so: its snippets are from the files that they name, and its SQL makes the
// rows of a single-tenant database the first tenant's.
import { readFileSync } from 'node:fs';
import type { QueryRunner } from 'typeorm';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { readHistory, TENANT_SCHEMA } from 'nest-tenant-schemas';
import { createTestDatabase } from 'test-support/test-database.js';

const guide = readFileSync('docs/converting-a-feature.md', 'utf8');

const blocks = (language: string): string[] =>
  Array.from(guide.matchAll(/```(\w+)\n(.*?)\n```/gs))
    .filter(([, name]) => name === language)
    .map(([, , text = '']) => text);

const snippets = blocks('ts').map((text) => {
  const [first = '', ...lines] = text.split('\n');
  return { file: first.replace('// ', ''), lines: lines.map((line) => line.trim()) };
});

it('has snippets to hold against their files', () => {
  expect(snippets).toHaveLength(12);
  expect(blocks('sql')).toHaveLength(1);
});

it.each(snippets)('shows lines of $file as they are', ({ file, lines }) => {
  const inFile = new Set(readFileSync(file, 'utf8').split(/\n\s*/));
  expect(lines.filter((line) => !inFile.has(line))).toEqual([]);
});

it('names tokens, sessions and one-time links first among the pitfalls', () => {
  const [, pitfalls = ''] = guide.split('\n## Pitfalls');
  expect(/^### (.*)$/m.exec(pitfalls)?.[1]).toBe('First: tokens, sessions and one-time links');
});

it('has fewer than 240 lines', () => {
  expect(guide.split('\n').length).toBeLessThan(240);
});

it("makes the rows of a single-tenant database the first tenant's, ids and all", async () => {
  const database = await createTestDatabase();
  try {
    await database.sql('CREATE SCHEMA acme');
    for (const schema of ['public', 'acme']) {
      const query = (text: string): Promise<unknown> =>
        database.sql(text.replaceAll(TENANT_SCHEMA, schema));
      for (const { migration } of readHistory(tenantMigrations, 'tenantMigrations')) {
        await migration.up({ query } as unknown as QueryRunner);
      }
    }
    await database.sql(
      `INSERT INTO public.polls (question) VALUES ('Gone?'), ('Tea or coffee?');
       DELETE FROM public.polls WHERE id = 1;
       INSERT INTO public.choices (choice_text, poll_id) VALUES ('Tea', 2), ('Coffee', 2)`,
    );
    await database.sql(blocks('sql')[0] ?? '');
    const read = (schema: string): Promise<unknown[]> =>
      database.sql(
        `SELECT * FROM ${schema}.polls JOIN ${schema}.choices ON poll_id = polls.id ORDER BY choices.id`,
      );
    expect(await read('acme')).toEqual(await read('public'));
    expect(await read('acme')).toHaveLength(2);
    expect(
      await database.sql(`INSERT INTO acme.polls (question) VALUES ('Next?') RETURNING id`),
    ).toEqual([{ id: 3 }]);
  } finally {
    await database.drop();
  }
});
