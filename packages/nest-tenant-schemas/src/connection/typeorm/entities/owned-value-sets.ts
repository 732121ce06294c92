import { Subject } from 'typeorm/persistence/Subject.js';
import type { SubjectChangeMap } from 'typeorm/persistence/SubjectChangeMap.js';
import { TenantMismatchError } from '../../../errors/tenant-mismatch.error.js';
import type { DataSourceHolder } from '../typeorm-versions.js';
import { inheritOwner, isObject, ownerOf } from './entity-owner.js';
import { isGuarded } from './guarded-data-source.js';
import { forEachIdSource } from './owned-maps.js';
import { type Method, named, wrap } from './wrap-methods.js';

/**
 * Assigns the values of a statement to the tenant of the entities whose ids are among them. TypeORM reads these ids right
 * before the statement, and the builder of the statement rejects another tenant's values.
 */
export function stampValueSets(): void {
  wrap(Subject, owningValues, named('createValueSetAndPopChangeMap'));
}

function owningValues(method: Method): Method {
  return function (...args) {
    const { metadata, changeMaps } = this as unknown as Subject;
    if (!isGuarded(metadata as DataSourceHolder)) return method.apply(this, args);
    const owner = ownerOfValues(changeMaps);
    const values = method.apply(this, args);
    inheritOwner(values, owner);
    return values;
  };
}

/** @throws TenantMismatchError when the ids come from entities of two tenants */
function ownerOfValues(changes: readonly SubjectChangeMap[]): string | undefined {
  let owner: string | undefined;
  const note = (source: object): void => {
    const schema = ownerOf(source) ?? owner;
    if (schema !== owner && owner !== undefined) {
      throw new TenantMismatchError('This entity', schema as string, owner);
    }
    owner = schema;
  };
  for (const change of changes) {
    const { relation, column, value } = change;
    // Most values are not objects, so they have no id to read.
    if (!isObject(value)) continue;
    const source = value instanceof Subject ? (value.insertedValueSet ?? value.entity) : value;
    for (const { referencedColumn } of relation?.joinColumns ?? (column ? [column] : [])) {
      if (referencedColumn) forEachIdSource(source, [referencedColumn], note);
    }
  }
  return owner;
}
