import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { readCommentStatement } from '../catalog/migrations-table-comment.js';
import { hasBuilderEnded, isCreateMarker } from '../lifecycle/create-marker.js';
import { DROP_MARKER } from '../lifecycle/drop-steps.js';
import { recordStatements } from '../catalog/migrations-table.js';
import { fixRoles } from '../roles/fix-roles.js';
import {
  findRolesWithoutTenant,
  readRoleFindings,
  readSharedRoleFindings,
} from '../roles/role-findings.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import { describeSchemas } from '../catalog/schema-comparison.js';
import { SchemaDropper } from '../lifecycle/schema-dropper.js';
import { type SchemaSelection, selectsShared, selectTenants } from '../catalog/schema-selection.js';
import { inLockedTransaction, SHARED_TARGET, tenantTarget } from '../catalog/schema-target.js';
import { readCatalogue } from './catalogue.js';
import type { Finding } from './finding.js';
import { readMigrationsTableState } from './migrations-table-findings.js';
import { historyFails, ReferenceSchema } from './reference-schema.js';
import { findSchemasWithoutRow } from './schemas-without-row.js';
import { readTypeormFindings } from './typeorm-findings.js';
import { TenantExamination } from './tenant-examination.js';

/** Limits the tenants of one walk through the catalogues, whose result is in memory. */
const BATCH_SIZE = 100;

/** Finds and fixes problems in the registry, in the schemas, and between them. */
export class SchemaDoctor {
  private readonly dataSource: DataSource;

  /**
   * @param histories both histories, from `readHistory`
   * @param rolesOptions has no effect unless `isolation` is 'role'
   */
  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry,
    private readonly histories: MigrationHistories,
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Yields the problems of the selected schemas. If all tenants are selected, it also checks schemas without
   * a tenant. It changes nothing, and does not report schemas that are created, changed or dropped meanwhile.
   * It holds no connection while the caller handles a finding. Memory does not grow with the number of
   * tenants.
   *
   * While the shared schema is behind, the registry may be unreadable. Then no other finding follows.
   *
   * @throws TenantNotFoundError when no tenant has a selected schema
   */
  async *examine(selection: SchemaSelection = {}): AsyncGenerator<Finding> {
    const reference = new ReferenceSchema(this.dataSource, this.histories.tenant, this.dropper);
    const examination = new TenantExamination(this.dataSource, this.histories, reference);
    const { dataSource, roles } = this;
    if (selectsShared(selection)) {
      const found = await examination.examineShared();
      yield* found;
      if (found.some(({ code }) => code === 'SCHEMA_BEHIND')) return;
      yield* await readTypeormFindings(dataSource, this.histories.tenant);
      if (roles) yield* await readSharedRoleFindings(dataSource, roles);
    }
    for await (const tenants of inBatchesOf(BATCH_SIZE, selectTenants(this.registry, selection))) {
      const schemas = tenants.map(({ schema }) => schema);
      const stateOf = await readCatalogue(dataSource, schemas);
      const described = await describeSchemas(dataSource, schemas);
      const roleFindingsOf = roles && (await readRoleFindings(dataSource, roles, schemas));
      for (const tenant of tenants) {
        const state = stateOf(tenant.schema);
        const ofRole = (state.exists && roleFindingsOf?.(tenant.schema)) || [];
        const ofSchema = await examination.examineTenant(tenant, state, described);
        const found = [...ofSchema, ...ofRole];
        if (found.length > 0 && (await this.schemaExists(tenant))) yield* found;
      }
    }
    if (reference.failure) yield historyFails(reference.failure);
    const isEveryTenant = selection.tenants || (!selection.shared && !selection.schemas);
    if (!isEveryTenant) return;
    yield* findSchemasWithoutRow(dataSource, this.registry);
    if (roles) yield* findRolesWithoutTenant(dataSource, roles, this.registry);
  }

  /**
   * Fixes a finding if that is safe. It rewrites the comment of a migrations table from its rows, and
   * corrects owners, roles and grants. It also continues an interrupted drop, and drops an unfinished schema.
   *
   * @returns whether it was fixed. False if it needs a person
   * @throws TenantConflictError, DropBlockedError for the reasons of {@link SchemaDropper.dropOrphan}
   */
  async fix(finding: Finding): Promise<boolean> {
    const { code, schema, isFixable } = finding;
    if (!isFixable) return false;
    if (code === 'DIGEST_DIFFERS') return this.writeComment(schema);
    if (code === 'DROP_BROKEN_OFF') {
      await this.dropper.dropOrphan(schema);
      return true;
    }
    if (code === 'CREATE_BROKEN_OFF') return this.dropUnfinished(schema);
    return this.roles ? fixRoles(this.dataSource, this.roles, this.registry, finding) : false;
  }

  /** @returns false if the schema is being created, or a tenant has it by now */
  private async dropUnfinished(schema: string): Promise<boolean> {
    const [found] = (await SHARED_TARGET.enter(() =>
      this.dataSource.query(readCommentStatement(schema)),
    )) as { comment: string | null }[];
    if (!isCreateMarker(found?.comment)) return false;
    const marker = found.comment;
    if (!(await hasBuilderEnded(this.dataSource, schema, marker))) return false;
    await this.dropper.dropUnfinished(schema, marker);
    return true;
  }

  private get dropper(): SchemaDropper {
    return new SchemaDropper(this.dataSource, this.registry);
  }

  private writeComment(schema: string): Promise<boolean> {
    const target = tenantTarget({ id: schema, schema });
    return inLockedTransaction(this.dataSource, target, async (queryRunner) => {
      const state = await readMigrationsTableState(queryRunner, target);
      // A schema that is being dropped keeps its marker, so that the drop can continue.
      if (!state || state.comment === DROP_MARKER || isCreateMarker(state.comment)) return false;
      for (const statement of recordStatements(target, state.applied, [])) {
        await queryRunner.query(statement);
      }
      return true;
    });
  }

  private get roles(): TenantRoles | undefined {
    return TenantRoles.of(this.dataSource, this.rolesOptions);
  }

  /** Returns whether the row is unchanged. A tenant that was dropped or renamed meanwhile has none. */
  private async schemaExists({ id, schema }: Tenant): Promise<boolean> {
    return (await this.registry.find(id))?.schema === schema;
  }
}

async function* inBatchesOf<T>(size: number, source: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of source) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
