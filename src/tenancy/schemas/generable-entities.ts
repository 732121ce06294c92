import type { EntityMetadata } from 'typeorm';
import { TENANT_SCHEMA } from '../core/marker.js';
import type { MigrationHistoryName } from '../core/migration-history.js';
import { MigrationNotGeneratedError } from '../errors/migration-not-generated.error.js';

/** @throws MigrationNotGeneratedError for an entity whose statements cannot serve every tenant */
export function assertGenerable(
  history: MigrationHistoryName,
  entities: readonly EntityMetadata[],
): void {
  for (const entity of entities.filter(({ synchronize }) => synchronize)) {
    if (entity.tableType === 'view') {
      throw new MigrationNotGeneratedError(history, notSupported(`View ${entity.name}`));
    }
    const generated = entity.columns.find(({ generatedType }) => generatedType !== undefined);
    if (generated) {
      const column = `Generated column ${entity.name}.${generated.propertyPath}`;
      throw new MigrationNotGeneratedError(history, notSupported(column));
    }
    const ofTenant = entity.foreignKeys.find(
      ({ referencedEntityMetadata }) => referencedEntityMetadata.schema === TENANT_SCHEMA,
    );
    if (entity.schema !== TENANT_SCHEMA && ofTenant) {
      throw new MigrationNotGeneratedError(
        history,
        `Shared entity ${entity.name} refers to ${ofTenant.referencedEntityMetadata.name}, which every ` +
          'tenant has one of. Turn the relation around, or keep the id without one.',
      );
    }
  }
}

/** Why what TypeORM keeps in `typeorm_metadata` is not generated. */
export function notSupported(what: string): string {
  return (
    `${what} is not supported yet: TypeORM keeps its text in a table that no schema has. Set the ` +
    "entity's synchronize to false and write its migrations by hand."
  );
}
