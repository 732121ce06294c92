// Work for a tenant
export { TENANT_SCHEMA } from './core/names/schema-placeholder.js';
export { tenantContext, TenantContext } from './context/tenant-context.js';
export type { Tenant } from './interfaces/tenant.interface.js';

// Tokens that belong to a tenant
export {
  assertTokenOfTenant,
  claimsOfTenant,
  TENANT_CLAIM,
} from './request/tokens/token-of-tenant.js';
export { TenantTokenError } from './request/tokens/tenant-token.error.js';

// The Nest module, and what routes and providers use
export { TenantModule } from './tenant.module.js';
export type { TenantModuleOptions } from './tenant-module-options.interface.js';
export type {
  SharedPrivilege,
  TenantRolesOptions,
} from './interfaces/tenant-roles-options.interface.js';
export { InjectTenantDataSource } from './inject-tenant-data-source.decorator.js';
export { TENANT_RESOLVER } from './request/tenant-resolver.token.js';
export { TENANT_ANNOUNCER, TENANT_DATA_SOURCE, TENANT_REGISTRY } from './tenancy.constants.js';
export { CurrentTenant } from './request/current-tenant.decorator.js';
export { tenantOf } from './request/tenant-of-request.js';
export { BeforeTenant } from './request/guard/before-tenant.decorator.js';
export { PublicRoute } from './request/guard/public-route.decorator.js';

// Jobs, schedules and event handlers
export { TenantRunner } from './runner/tenant-runner.js';
export { ForEachTenant } from './runner/for-each-tenant.decorator.js';
export type { ForEachOptions, TenantResult } from './runner/tenant-run.interface.js';

// Resolving and caching tenants
export { HeaderTenantResolver } from './request/header-tenant-resolver.js';
export { TenantCache, type TenantCacheOptions } from './request/tenant-cache.js';
export type { TenantRegistryOption } from './interfaces/tenant-registry-option.interface.js';
export { EntityRegistry } from './registry/stores/entity-registry.js';
export { CreateTenantsTable1400000000000 } from './registry/stores/create-tenants-table.migration.js';
export type { TableTenant } from './registry/stores/tenants-table.js';
export { TenancyExceptionFilter } from './request/tenancy-exception.filter.js';
export type { ChangeListenerOptions } from './interfaces/change-listener-options.interface.js';
export type {
  TenantAnnouncer,
  TenantChanges,
  TenantReader,
  TenantRegistry,
  TenantWriter,
} from './interfaces/tenant-registry.interface.js';
export type {
  SeedTenant,
  TenantSeeder,
  TenantSeedOption,
} from './interfaces/tenant-seed.interface.js';
export type { TenantRequest, TenantResolver } from './interfaces/tenant-resolver.interface.js';

// Creating, migrating, cloning, renaming and dropping schemas
export { readHistory } from './core/migration-history.js';
export {
  singleTenantMigrations,
  type SingleTenantMigrationSource,
  type SingleTenantMigrations,
} from './schemas/migrate/single-tenant/single-tenant-migrations.js';
export {
  loadTenantMigrations,
  type TenantMigrations,
} from './schemas/migrate/single-tenant/load-tenant-migrations.js';
export { SchemaMigrator } from './schemas/migrate/schema-migrator.js';
export { type FillTenant, TenantProvisioner } from './schemas/lifecycle/tenant-provisioner.js';
export {
  type CloneOptions,
  type CloneResult,
  TenantCloner,
} from './schemas/clone/tenant-cloner.js';
export {
  TenantRenamer,
  type TenantRenameOptions,
} from './schemas/lifecycle/rename/tenant-renamer.js';
export type { NewTenant } from './schemas/lifecycle/new-tenant.js';
export { TenantManager } from './schemas/lifecycle/tenant-manager.js';
export {
  type AdoptOptions,
  type AdoptSchemaOptions,
  SchemaAdopter,
} from './schemas/adopt/schema-adopter.js';
export { planAdoption } from './schemas/adopt/plan/plan-adoption.js';
export type { AdoptionOptions, AdoptionPlan } from './schemas/adopt/plan/adoption-plan.js';
export { SchemaBuilds } from './schemas/lifecycle/schema-builds.js';
export { SchemaDropper, type SchemaDropperOptions } from './schemas/lifecycle/schema-dropper.js';
export {
  compareDescriptions,
  describeSchema,
  type SchemaDifference,
} from './schemas/catalog/schema-comparison.js';
export type { Finding, FindingCode } from './schemas/doctor/finding.js';
export { SchemaDoctor } from './schemas/doctor/schema-doctor.js';
export { MIGRATIONS_TABLE } from './schemas/catalog/migrations-table-comment.js';
export type {
  FleetOptions,
  MigrationResult,
  MigratorEvents,
  PlannedMigrations,
} from './schemas/migrate/migration-result.interface.js';
export type { MigrationStatus } from './schemas/migrate/migration-status.js';
export type { SchemaSelection } from './schemas/catalog/schema-selection.js';
export type { MigrationClass, TenantMigration } from './interfaces/tenant-migration.interface.js';

// Generating a migration, once for every tenant
export {
  generateMigration,
  type GeneratedMigration,
  type MigrationGeneratorOptions,
} from './schemas/generate/migration-generator.js';
export { MigrationGenerator } from './schemas/generate/data-source-generator.js';
export type { MigrationHistoryName } from './core/migration-history.js';

// The DataSource
export {
  createTenantDataSource,
  protectDataSource,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
} from './connection/tenant-data-source.js';
export type { IsolationOptions } from './connection/wire/isolation-options.js';
export type { ConnectionLimits } from './connection/pool/connection-limits.js';
export type { SessionTimeouts } from './connection/wire/session-timeouts.js';
export { dataSourceFor } from './connection/typeorm/bound-data-source.js';
export { isBehindTransactionPooler } from './connection/pool/transaction-pooler.js';
export {
  tenantQueryCache,
  type TenantQueryCacheOptions,
} from './connection/typeorm/tenant-query-cache.js';

// Names
export {
  assertSchemaName,
  MAX_SCHEMA_NAME_BYTES,
  schemaNameProblem,
} from './core/names/schema-name.js';
export { suggestSchemaName } from './core/names/suggest-schema-name.js';
export { quoteIdentifier } from './core/names/quote-identifier.js';

// Former names
export {
  LEDGER_TABLE,
  type PinOptions,
  TenantDirectory,
  type TenantDirectoryOptions,
  TenantPinError,
} from './deprecated.js';

// Errors
export { TenancyError, type TenancyErrorCode } from './errors/tenancy.error.js';
export { HTTP_STATUS_OF_TENANCY_ERROR } from './errors/http-status.js';
export { AdoptionRefusedError } from './errors/schemas/adoption-refused.error.js';
export { CloneRefusedError } from './errors/schemas/clone-refused.error.js';
export { ConnectionReleasedError } from './errors/connection/connection-released.error.js';
export { DirtyClientError } from './errors/connection/dirty-client.error.js';
export { DropBlockedError } from './errors/schemas/drop-blocked.error.js';
export { OperationRefusedError } from './errors/operation-refused.error.js';
export { TransactionEndedError } from './errors/schemas/transaction-ended.error.js';
export { MigrationFailedError } from './errors/schemas/migration-failed.error.js';
export { MigrationNotGeneratedError } from './errors/schemas/migration-not-generated.error.js';
export {
  type ExhaustedShare,
  PoolExhaustedError,
} from './errors/connection/pool-exhausted.error.js';
export { RenameRefusedError } from './errors/schemas/rename-refused.error.js';
export { ReplicaReadOnlyError } from './errors/connection/replica-read-only.error.js';
export { RevertBlockedError } from './errors/schemas/revert-blocked.error.js';
export { SchemaAheadError } from './errors/schemas/schema-ahead.error.js';
export { SchemaNameInvalidError } from './errors/schema-name-invalid.error.js';
export { StatementAfterEndError } from './errors/connection/statement-after-end.error.js';
export { StatementOutdatedError } from './errors/connection/statement-outdated.error.js';
export { TenancyOptionsError } from './errors/tenancy-options.error.js';
export { TenantContextMissingError } from './errors/tenant-context-missing.error.js';
export { TenantConflictError } from './errors/tenant-conflict.error.js';
export {
  TenantHeaderInvalidError,
  TenantHeaderMissingError,
  TenantIdMissingError,
} from './errors/request/tenant-header.error.js';
export { TenantSuspendedError } from './errors/request/tenant-suspended.error.js';
export { TenantNotFoundError } from './errors/tenant-not-found.error.js';
export { TenantRowRejectedError } from './errors/tenant-row-rejected.error.js';
export { TenantRoleError } from './errors/connection/tenant-role.error.js';
export { type TenantFailure, TenantWorkFailedError } from './errors/tenant-work-failed.error.js';
export { TenantMismatchError } from './errors/tenant-mismatch.error.js';
