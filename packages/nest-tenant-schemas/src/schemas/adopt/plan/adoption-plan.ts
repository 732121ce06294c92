import type { DataSource, QueryRunner } from 'typeorm';
import { isolationOptionsOf } from '../../../connection/wire/isolation-options.js';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import type { ExtensionNames } from '../../../core/single-tenant/extension-names.js';
import { SINGLE_SCHEMA } from '../../../core/single-tenant/rewrite-sql.js';
import { withCatalogueSettings } from '../../catalog/catalogue-settings.js';
import { appliedNames, readMigrationsTable } from '../../catalog/migrations-table.js';
import { DEFINITIONS } from '../../catalog/schema-definitions.js';
import type { SchemaObject as Definition } from '../../catalog/schema-comparison.js';
import { SHARED_TARGET } from '../../catalog/schema-target.js';
import type { MigrationHistories } from '../../migrate/schema-migrator.js';
import { readExtensionNames } from '../../migrate/single-tenant/read-extension-names.js';
import { chooseObjects, type ObjectReason } from './choose-objects.js';
import {
  findForeignOwners,
  findNamesInStrings,
  findPublications,
  findRangeTypes,
  namesOf,
} from './find-obstacles.js';
import {
  findUnclearFunctions,
  readFunctionTexts,
  rewriteFunction,
  type RewrittenFunction,
} from '../functions/function-texts.js';
import { findUnqualifiedNames } from '../functions/unqualified-names.js';
import {
  isRelation,
  isRoutine,
  readDependencies,
  readObjects,
  readOutsideDependants,
  type SchemaObject,
} from '../schema-objects.js';
import {
  findUnknownMigrations,
  readTypeormMigrations,
  typeormMigrationsTable,
} from '../typeorm-migrations.js';
import { OWN_TENANTS_TABLE, reasonToShare } from './shared-objects.js';

/** Describes how the objects of `public` would become those of a tenant. */
export interface AdoptionPlan {
  /** Objects that move, in the order of their creation. */
  readonly moves: readonly SchemaObject[];
  readonly stays: readonly ObjectReason[];
  /** What prevents the adoption. Empty if nothing does. */
  readonly obstacles: readonly ObjectReason[];
  /** What may fail after the adoption, and does not prevent it. */
  readonly warnings: readonly ObjectReason[];
  /** Functions whose texts change. */
  readonly functions: readonly RewrittenFunction[];
  /** Migrations that TypeORM has recorded. Undefined if its table does not exist. */
  readonly recorded: readonly string[] | undefined;
}

/** Configures which objects stay in `public`. */
export interface AdoptionOptions {
  /** Names of tables and other objects that all tenants share, besides entities with `schema: 'public'`. */
  readonly shared?: readonly string[];
}

/**
 * Reads how the objects of `public` would become those of a tenant. It changes nothing.
 *
 * @param schema the schema of the tenant
 * @param histories the migrations of the application. Default: those of the DataSource, which are not checked
 */
export async function readAdoptionPlan(
  queryRunner: QueryRunner,
  dataSource: DataSource,
  schema: string,
  { shared = [] }: AdoptionOptions,
  histories?: MigrationHistories,
): Promise<AdoptionPlan> {
  return withCatalogueSettings(queryRunner, async () => {
    const objects = await readObjects(queryRunner, SINGLE_SCHEMA);
    const recorded = await readTypeormMigrations(queryRunner, dataSource);
    const applied = appliedNames(await readMigrationsTable(queryRunner, SHARED_TARGET));
    const hasOwnTable = applied.includes(OWN_TENANTS_TABLE.migration);
    const choice = chooseObjects(
      objects,
      await readDependencies(queryRunner, SINGLE_SCHEMA),
      await readOutsideDependants(queryRunner, SINGLE_SCHEMA),
      reasonToShare(dataSource, shared, typeormMigrationsTable(dataSource), hasOwnTable),
    );
    const { moves, stays } = choice;
    const staying = addStaying(
      await readExtensionNames(queryRunner.query.bind(queryRunner)),
      stays,
    );
    const texts = await readFunctionTexts(queryRunner, objects);
    const functions = texts
      .filter(({ oid }) => moves.some((each) => isRoutine(each) && each.oid === oid))
      .flatMap((text) => rewriteFunction(text, schema, staying) ?? []);
    const definitions = (await queryRunner.query(DEFINITIONS, [[SINGLE_SCHEMA]])) as Definition[];
    const names = namesOf(moves);
    return {
      moves,
      stays: choice.reasons,
      functions,
      recorded,
      warnings:
        isolationOptionsOf(dataSource).rawSql === 'search_path'
          ? []
          : findUnqualifiedNames(objects, texts, new Set(moves.filter(isRelation).map(nameOnly))),
      obstacles: [
        ...findOtherSchema(dataSource),
        ...findUnknownShared(shared, objects),
        ...findNoTables(moves),
        ...choice.obstacles,
        ...findForeignOwners(moves),
        ...(await findRangeTypes(queryRunner, moves)),
        ...(await findPublications(queryRunner, moves)),
        ...findUnclearFunctions(objects, texts, functions, names),
        ...findNamesInStrings(definitions, SINGLE_SCHEMA, names),
        ...(histories ? findUnknownMigrations(recorded ?? [], histories) : []),
        ...findTenantsTable(moves, histories),
      ],
    };
  });
}

const nameOnly = ({ name }: SchemaObject): string => name;

/** Adds the names of objects that stay to those of extensions. */
function addStaying(extensions: ExtensionNames, stays: readonly SchemaObject[]): ExtensionNames {
  const add = (
    names: ReadonlySet<string>,
    isKind: (object: SchemaObject) => boolean,
  ): ReadonlySet<string> => new Set([...names, ...stays.filter(isKind).map(({ name }) => name)]);
  return {
    ...extensions,
    functions: add(extensions.functions, isRoutine),
    types: add(extensions.types, ({ type }) => type === 'type'),
    relations: add(
      extensions.relations,
      (object) => isRelation(object) || object.type === 'sequence',
    ),
  };
}

/** TypeORM's table stays after an adoption, and would give an empty tenant all migrations. */
function findNoTables(moves: readonly SchemaObject[]): ObjectReason[] {
  if (moves.some((object) => isRelation(object))) return [];
  const why = 'it has no table to adopt. Create a tenant instead: tenant-schemas create-tenant';
  return [{ what: `schema ${SINGLE_SCHEMA}`, why }];
}

function findUnknownShared(
  shared: readonly string[],
  objects: readonly SchemaObject[],
): ObjectReason[] {
  return shared
    .filter((name) => !objects.some((object) => object.name === name))
    .map((name) => ({ what: name, why: 'the schema public has no object of this name to share' }));
}

function findOtherSchema({ options }: DataSource): ObjectReason[] {
  const { schema } = options as { schema?: string };
  if (schema === undefined || schema === SINGLE_SCHEMA || schema === TENANT_SCHEMA) return [];
  return [
    {
      what: `schema ${schema}`,
      why: 'the DataSource keeps its tables there, and init adopts those of public only. Move them to public first',
    },
  ];
}

/** The engine's own table of tenants takes the name `tenants`. */
function findTenantsTable(
  moves: readonly SchemaObject[],
  histories: MigrationHistories | undefined,
): ObjectReason[] {
  const isNeeded = histories?.shared.some(({ name }) => name === OWN_TENANTS_TABLE.migration);
  if (!isNeeded || !moves.some(({ name }) => name === OWN_TENANTS_TABLE.table)) return [];
  return [
    {
      what: `table public.${OWN_TENANTS_TABLE.table}`,
      why: 'the engine keeps its tenants in a table of this name. Rename yours, or set registry: { entity } of TenantModule',
    },
  ];
}
