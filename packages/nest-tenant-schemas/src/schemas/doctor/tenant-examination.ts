import type { DataSource } from 'typeorm';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { compareDescriptions, describeSchema } from '../catalog/schema-comparison.js';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import {
  onRunner,
  SHARED_TARGET,
  type SchemaTarget,
  tenantTarget,
} from '../catalog/schema-target.js';
import { type CatalogueState, readCatalogue } from './catalogue.js';
import { type Finding, finding, some } from './finding.js';
import {
  isUpToDate,
  migrationsTableFindings,
  type MigrationsTableState,
  migrateCommand,
  readMigrationsTableState,
} from './migrations-table-findings.js';
import type { ReferenceSchema } from './reference-schema.js';

const UNREADABLE: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.undefinedTable,
  POSTGRES_ERROR.undefinedSchema,
  POSTGRES_ERROR.insufficientPrivilege,
]);

/** Examines one schema. */
export class TenantExamination {
  constructor(
    private readonly dataSource: DataSource,
    private readonly histories: MigrationHistories,
    private readonly reference: ReferenceSchema,
  ) {}

  /**
   * Examines the shared schema. Its structure is not compared, because it may contain objects without a
   * migration.
   */
  async examineShared(): Promise<Finding[]> {
    const { schema } = SHARED_TARGET;
    const { hasMigrationsTable, objects } = (await readCatalogue(this.dataSource, [schema]))(
      schema,
    );
    const nothing = { comment: null, applied: [], unfinished: [] };
    const recorded = hasMigrationsTable ? await this.readMigrationsTable(SHARED_TARGET) : nothing;
    const found = recorded ? migrationsTableFindings(schema, recorded, this.histories.shared) : [];
    return [...found, ...objects.map((object) => object.finding)];
  }

  /**
   * Examines a tenant's schema.
   *
   * @param described returns the schema's description as of the read of the catalogue
   */
  async examineTenant(
    tenant: Tenant,
    state: CatalogueState,
    described: (schema: string) => readonly string[],
  ): Promise<Finding[]> {
    const { schema } = tenant;
    if (!state.exists) return [rowWithoutSchema(schema)];
    const objects = state.objects.map((object) => object.finding);
    if (!state.hasMigrationsTable) return [migrationsTableMissing(schema), ...objects];
    const target = tenantTarget(tenant);
    const recorded = await this.readMigrationsTable(target);
    if (!recorded) return [];
    const { tenant: history } = this.histories;
    const found = [...migrationsTableFindings(schema, recorded, history), ...objects];
    if (!isUpToDate(recorded, history)) return found;
    const differences = await this.compare(target, state, described(schema));
    return differences.length > 0 ? [...found, structureDiffers(schema, differences)] : found;
  }

  /** Returns the structural differences, without those of objects that already have a finding. */
  private async compare(
    target: SchemaTarget,
    { objects }: CatalogueState,
    described: readonly string[],
  ): Promise<string[]> {
    const wanted = await this.reference.describeFor(target.schema);
    if (!wanted) return [];
    const isNew = (text: string): boolean => !objects.some(({ line }) => text.startsWith(line));
    const differences = (
      found: readonly string[],
      restored?: ReadonlyMap<string, string>,
    ): string[] => {
      const { missing, extra } = compareDescriptions(wanted, found, restored);
      return [
        ...missing.filter(isNew).map((line) => `it lacks ${line}`),
        ...extra.filter(isNew).map((line) => `it has ${line}`),
      ];
    };
    if (differences(described).length === 0) return [];
    // The schema may have been migrated, reverted, renamed or dropped since the catalogue was read.
    const now = await onRunner(this.dataSource, target, (queryRunner) =>
      describeSchema(queryRunner, target.schema),
    );
    const recorded = await this.readMigrationsTable(target);
    if (!recorded || !isUpToDate(recorded, this.histories.tenant)) return [];
    if (differences(now).length === 0) return [];
    // The server writes some definitions differently after a restore from a dump.
    return differences(now, await this.reference.describeRestoredFor(target.schema));
  }

  /**
   * Reads the migrations table. Returns undefined if the schema or the table was dropped meanwhile. It also
   * returns undefined before the schema passes to the owner of all schemas, which the findings about roles
   * report.
   */
  private async readMigrationsTable(
    target: SchemaTarget,
  ): Promise<MigrationsTableState | undefined> {
    try {
      return await onRunner(this.dataSource, target, (queryRunner) =>
        readMigrationsTableState(queryRunner, target),
      );
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!UNREADABLE.has(code)) throw error;
      return undefined;
    }
  }
}

function rowWithoutSchema(schema: string): Finding {
  return finding(
    'ROW_WITHOUT_SCHEMA',
    schema,
    'The registry has this tenant, but the database does not have its schema.',
    `Restore the schema from a backup, or: tenant-schemas delete-tenant ${schema}`,
  );
}

function migrationsTableMissing(schema: string): Finding {
  return finding(
    'LEDGER_MISSING',
    schema,
    'The schema has no migrations table, so its applied migrations are unknown.',
    `If its tables exist: ${migrateCommand(schema)} --fake. If the schema is empty: ${migrateCommand(schema)}`,
  );
}

function structureDiffers(schema: string, differences: readonly string[]): Finding {
  return finding(
    'STRUCTURE_DIFFERS',
    schema,
    `The structure differs from its migrations: ${some(differences)}.`,
    'Correct the schema by hand, or write a migration that makes the same change in every tenant.',
  );
}
