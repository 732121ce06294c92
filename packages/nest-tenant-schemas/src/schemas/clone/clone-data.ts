import type { QueryRunner } from 'typeorm';
import pg from 'pg';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { CloneRefusedError } from '../../errors/schemas/clone-refused.error.js';
import {
  type CopiedColumn,
  type CopiedTable,
  type CopyCatalogue,
  type InsertHook,
  readCopyCatalogue,
  readFilledViews,
} from './clone-catalogue.js';
import { type MovedConstraint, readMovedConstraints } from './clone-constraints.js';
import { copyOrder } from './clone-order.js';
import { type ContentRead, readContentReads } from './clone-reads.js';
import { type CopiedReference, readReferences } from './clone-references.js';
import { withExactText } from './exact-text.js';

const ENABLE: Readonly<Record<string, string>> = {
  O: 'ENABLE',
  A: 'ENABLE ALWAYS',
  R: 'ENABLE REPLICA',
  D: 'DISABLE',
};

const inTarget = (name: string): string =>
  `${quoteIdentifier(TENANT_SCHEMA)}.${quoteIdentifier(name)}`;

/**
 * Copies rows and sequence states of another schema to the current tenant's new schema, which has the same
 * structure. It runs in the runner's transaction, which must use one snapshot.
 *
 * Rows stay unchanged: no trigger or rule acts on them. A constraint that does not check rows in the source
 * does not check them here. Rows that migrations wrote into the new schema are removed. The migrations table
 * and TypeORM's metadata stay, because they name the schema.
 */
export async function copyData(
  queryRunner: QueryRunner,
  source: string,
  target: string,
): Promise<void> {
  const inSource = (name: string): string => `${quoteIdentifier(source)}.${quoteIdentifier(name)}`;
  const send = async (statements: readonly string[]): Promise<void> => {
    if (statements.length > 0) await queryRunner.query(joinStatements(statements));
  };
  const catalogue = await readCopyCatalogue(queryRunner, target);
  const references = await readReferences(queryRunner, target);
  const moved = await readMovedConstraints(queryRunner, target);
  const reads = await readContentReads(queryRunner, target);
  const { order, cut } = plan(source, catalogue, references, reads);
  const own = moved.filter(({ isInherited }) => !isInherited);
  await send([
    // If a policy hides rows of the source, the copy fails instead of lacking them.
    'SET LOCAL row_security TO off',
    // A deferred check would prevent later changes of its table in this transaction.
    'SET CONSTRAINTS ALL IMMEDIATE',
    ...catalogue.hooks.map((hook) => alterHook(hook, 'DISABLE')),
    ...cut.map(({ table, name }) => dropConstraint({ kind: 'TABLE', owner: table, name })),
    ...own.map(dropConstraint),
    ...(order.length > 0 ? [`TRUNCATE ${order.map(({ name }) => inTarget(name)).join(', ')}`] : []),
  ]);
  await withExactText(queryRunner, async () => {
    for (const table of order) await queryRunner.query(copyStatement(table, source));
  });
  const filled = copyOrder(await readFilledViews(queryRunner, source), reads);
  await send(filled.tables.map((name) => `REFRESH MATERIALIZED VIEW ${inTarget(name)}`));
  await send([
    ...own.toReversed().map(addConstraint),
    ...moved.filter(({ isInherited }) => isInherited).map(validateConstraint),
    ...cut.flatMap(({ added }) => added.map((each) => addConstraint({ kind: 'TABLE', ...each }))),
    ...catalogue.hooks.map((hook) => alterHook(hook, ENABLE[hook.enabled] ?? 'ENABLE')),
  ]);
  await copySequences(queryRunner, catalogue.sequences, inSource);
}

/**
 * Plans the order of the tables, and lists the foreign keys that rows may violate in this order.
 *
 * @throws CloneRefusedError if no order is possible
 */
function plan(
  source: string,
  { tables }: CopyCatalogue,
  references: readonly CopiedReference[],
  reads: readonly ContentRead[],
): { order: CopiedTable[]; cut: CopiedReference[] } {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const checked = references.flatMap((reference) =>
    reference.to !== null && reference.isValid ? [{ ...reference, to: reference.to }] : [],
  );
  const ofTables = reads.filter(({ from }) => byName.has(from));
  const order = copyOrder([...byName.keys()], checked, ofTables);
  const early = ofTables
    .filter(({ isOfView }) => isOfView)
    .map(({ from, to }) => `${from} (${to})`);
  if (order.stuck.length + early.length > 0) {
    throw new CloneRefusedError(source, notFillable([...order.stuck, ...early]));
  }
  return {
    order: order.tables.flatMap((name) => byName.get(name) ?? []),
    cut: [...order.cut, ...references.filter(({ isValid }) => !isValid)],
  };
}

const notFillable = (tables: readonly string[]): string =>
  'generated columns, indexes or domains call functions that read tables or materialized views. No order fills these ' +
  `relations first (${tables.join(', ')}). Change the functions so that they read nothing, or clone without rows (--no-data).`;

type Named = Pick<MovedConstraint, 'kind' | 'owner' | 'name'>;

function alterOwner({ kind, owner, name }: Named, action: string): string {
  return `ALTER ${kind} ${inTarget(owner)} ${action} CONSTRAINT ${quoteIdentifier(name)}`;
}

function dropConstraint(constraint: Named): string {
  return alterOwner(constraint, 'DROP');
}

function addConstraint(constraint: Named & Pick<MovedConstraint, 'definition'>): string {
  return `${alterOwner(constraint, 'ADD')} ${constraint.definition}`;
}

function validateConstraint(constraint: Named): string {
  return alterOwner(constraint, 'VALIDATE');
}

function copyStatement(
  { name, columns, hasIdentity, isPartitioned }: CopiedTable,
  source: string,
): string {
  const names = columns.map((column) => quoteIdentifier(column.name)).join(', ');
  const into = columns.length > 0 ? ` (${names})` : '';
  // Rows of inheritance children are copied with the children. A partitioned table has no rows of its own.
  return `INSERT INTO ${inTarget(name)}${into}${hasIdentity ? ' OVERRIDING SYSTEM VALUE' : ''}
          SELECT ${columns.map(valueOf).join(', ')}
          FROM ${isPartitioned ? '' : 'ONLY '}${quoteIdentifier(source)}.${quoteIdentifier(name)}`;
}

/** Converts values whose type belongs to the schema, because the source has its own type of that name. */
function valueOf({ name, ownType, via }: CopiedColumn): string {
  return ownType === null ? quoteIdentifier(name) : `${quoteIdentifier(name)}::${via}::${ownType}`;
}

function alterHook({ table, kind, name }: InsertHook, action: string): string {
  return `ALTER TABLE ${inTarget(table)} ${action} ${kind} ${quoteIdentifier(name)}`;
}

/**
 * Copies the states of sequences. They do not belong to a snapshot, so they are read last, and are never
 * behind the rows.
 */
async function copySequences(
  queryRunner: QueryRunner,
  sequences: readonly string[],
  inSource: (name: string) => string,
): Promise<void> {
  if (sequences.length === 0) return;
  const states = (await queryRunner.query(
    sequences
      .map(
        (name) => `SELECT ${literal(name)} AS name, last_value, is_called FROM ${inSource(name)}`,
      )
      .join(' UNION ALL '),
  )) as { name: string; last_value: string; is_called: boolean }[];
  // Without FROM, Citus runs the statement where the sequences are.
  const calls = states.map(
    ({ name, last_value, is_called }) =>
      `setval(${literal(inTarget(name))}, ${last_value}, ${is_called})`,
  );
  await queryRunner.query(`SELECT ${calls.join(', ')}`);
}

const literal = (text: string): string => pg.escapeLiteral(text);
