import type { EntityMetadata } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import type { MigrationHistoryName } from '../../core/migration-history.js';
import { MigrationNotGeneratedError } from '../../errors/schemas/migration-not-generated.error.js';

/**
 * Asserts that a migration can be generated for the entities of a history.
 *
 * @throws MigrationNotGeneratedError for a shared entity whose statements would need a tenant's schema
 */
export function assertGenerable(
  history: MigrationHistoryName,
  entities: readonly EntityMetadata[],
): void {
  for (const entity of entities) {
    const problem =
      entity.synchronize && entity.schema !== TENANT_SCHEMA && problemOfShared(entity);
    if (problem) throw new MigrationNotGeneratedError(history, problem);
  }
}

function problemOfShared({ name, tableType, columns, foreignKeys }: EntityMetadata): string {
  const generated = columns.find(({ generatedType }) => generatedType !== undefined);
  if (tableType === 'view' || generated) {
    const what = generated ? `generated column ${name}.${generated.propertyPath}` : `view ${name}`;
    return (
      `The shared ${what} is not supported, because TypeORM compares its text with a copy in the schema of the ` +
      'tenants. Set synchronize of the entity to false, and write its migrations by hand.'
    );
  }
  const ofTenant = foreignKeys.find(
    ({ referencedEntityMetadata }) => referencedEntityMetadata.schema === TENANT_SCHEMA,
  );
  if (!ofTenant) return '';
  return (
    `Shared entity ${name} refers to ${ofTenant.referencedEntityMetadata.name}, but every tenant has its own table of that ` +
    'entity. Reverse the relation, or store the id without a relation.'
  );
}
