import type { QueryRunner } from 'typeorm';
import { SINGLE_SCHEMA } from '../../../core/single-tenant/rewrite-sql.js';
import { withCatalogueSettings } from '../../catalog/catalogue-settings.js';
import { MIGRATIONS_TABLE } from '../../catalog/migrations-table-comment.js';
import { DEFINITIONS } from '../../catalog/schema-definitions.js';
import type { SchemaObject as Definition } from '../../catalog/schema-comparison.js';
import { renameInFunction, renameOnPath } from '../../lifecycle/rename/rename-text.js';
import { readStoredFunctions } from '../functions/adopted-functions.js';
import type { ObjectReason } from './choose-objects.js';
import { findConflicts, findForeignOwners, findNamesInStrings, namesOf } from './find-obstacles.js';
import { type FunctionText, readFunctionTexts } from '../functions/function-texts.js';
import { isRoutine, nameOf, readObjects, type SchemaObject } from '../schema-objects.js';

/** Describes how the objects of a tenant return to `public`. */
export interface Restoration {
  readonly moves: readonly SchemaObject[];
  /** Statements that give functions their former texts. */
  readonly functions: readonly string[];
  readonly obstacles: readonly ObjectReason[];
}

/** Lists the relations of the migrations table, which is dropped. */
const OF_MIGRATIONS_TABLE = [
  MIGRATIONS_TABLE,
  `${MIGRATIONS_TABLE}_pkey`,
  `${MIGRATIONS_TABLE}_position_seq`,
];

/** Reads what returns to `public`, and what prevents it. */
export async function readRestoration(
  queryRunner: QueryRunner,
  schema: string,
): Promise<Restoration> {
  const stored = await readStoredFunctions(queryRunner, schema);
  return withCatalogueSettings(queryRunner, async () => {
    const objects = await readObjects(queryRunner, schema);
    const moves = objects.filter(({ name }) => name !== MIGRATIONS_TABLE);
    const names = namesOf(moves);
    const definitions = (await queryRunner.query(DEFINITIONS, [[schema]])) as Definition[];
    const functions: string[] = [];
    const unclear: ObjectReason[] = [];
    for (const text of await readFunctionTexts(queryRunner, moves)) {
      const { oid, definition } = text;
      if (!stored.has(definition) && !namesSchema(text, schema)) continue;
      const former =
        stored.get(definition) ?? renameInFunction(definition, schema, SINGLE_SCHEMA, names);
      const object = moves.find((each) => isRoutine(each) && each.oid === oid);
      if (former !== undefined) functions.push(former);
      else if (object) {
        unclear.push({
          what: nameOf(object),
          why: `its text may name the schema "${schema}" in a form that the engine cannot change. Change it first`,
        });
      }
    }
    return {
      moves,
      functions,
      obstacles: [
        ...(await findConflicts(queryRunner, schema, SINGLE_SCHEMA, OF_MIGRATIONS_TABLE)),
        ...findForeignOwners(moves),
        ...findNamesInStrings(definitions, schema, names),
        ...unclear,
      ],
    };
  });
}

/** Returns whether a function names its schema where the name does not follow a move. */
function namesSchema({ definition, body, isParsed }: FunctionText, schema: string): boolean {
  const isOnPath = renameOnPath(definition, schema, SINGLE_SCHEMA) !== definition;
  return isOnPath || (!isParsed && body.toLowerCase().includes(schema));
}
