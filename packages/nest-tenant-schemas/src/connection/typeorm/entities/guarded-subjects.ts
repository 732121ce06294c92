import type { QueryRunner } from 'typeorm';
import { Subject } from 'typeorm/persistence/Subject.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { ClosureSubjectExecutor } from 'typeorm/persistence/tree/ClosureSubjectExecutor.js';
import { MaterializedPathSubjectExecutor } from 'typeorm/persistence/tree/MaterializedPathSubjectExecutor.js';
import { NestedSetSubjectExecutor } from 'typeorm/persistence/tree/NestedSetSubjectExecutor.js';
import { dataSourceOf } from '../typeorm-versions.js';
import { assertEntityOfTenant } from './assert-entity.js';
import { holderOf } from './entity-guard.js';
import { type Holder, inheritOwner, ownerOf, stampEntity } from './entity-owner.js';
import { isGuarded } from './guarded-data-source.js';
import { forEachIdSource } from './owned-maps.js';
import { mergeReturned } from './returned-values.js';
import { type Method, named, wrap } from './wrap-methods.js';

/** Describes the classes that write the subjects of an operation. Their fields are protected in TypeORM. */
interface Executor {
  readonly queryRunner: QueryRunner;
  readonly allSubjects: readonly Subject[];
}

/**
 * Checks what `save`, `remove`, `softRemove` and `recover` have read of their entities, and assigns the entities to
 * the tenant of the operation. TypeORM keeps one subject for each entity, also along cascades. A relation may change
 * after the call, for example because a promise in a lazy relation resolves.
 * Decision: docs/decisions/0017-promises-of-a-statement.md.
 */
export function guardSubjects(): void {
  wrap(SubjectExecutor, checkingSubjects, named('recompute'));
  wrap(SubjectExecutor, stampingSubjects, named('updateSpecialColumnsInPersistedEntities'));
  wrap(Subject, inheritingIdentifier, named('recompute'));
  for (const executor of [
    ClosureSubjectExecutor,
    MaterializedPathSubjectExecutor,
    NestedSetSubjectExecutor,
  ]) {
    wrap(executor, keepingParent, named('insert', 'update'));
  }
}

/**
 * Wraps the method that finds the changes of entities. TypeORM calls it in the tick in which it reads the
 * relations, after it has loaded the rows, and again after listeners.
 */
function checkingSubjects(method: Method): Method {
  return function (...args) {
    const { queryRunner, allSubjects } = this as unknown as Executor;
    const holder = holderOfRunner(queryRunner);
    if (isGuarded(queryRunner)) for (const subject of allSubjects) assertSubject(subject, holder);
    const result = method.apply(this, args);
    // A save that changes nothing ends here.
    for (const { entity, metadata, databaseEntity, mustBeRemoved } of allSubjects) {
      if (databaseEntity && !mustBeRemoved) stampEntity(entity, metadata, holder);
    }
    return result;
  };
}

/** Wraps the method that TypeORM calls after the last statement, before the listeners of the write. */
function stampingSubjects(method: Method): Method {
  return function (...args) {
    const { queryRunner, allSubjects } = this as unknown as Executor;
    const result = mergeReturned(() => method.apply(this, args));
    const holder = holderOfRunner(queryRunner);
    for (const { entity, metadata, mustBeRemoved } of allSubjects) {
      if (!mustBeRemoved) stampEntity(entity, metadata, holder);
    }
    return result;
  };
}

/** Assigns the identifier of a subject to the tenant of its entity. TypeORM reads the identifier of a copy. */
function inheritingIdentifier(method: Method): Method {
  return function (...args) {
    const result = method.apply(this, args);
    const { identifier, entity } = this as unknown as Subject;
    inheritOwner(identifier, ownerOf(entity));
    return result;
  };
}

/** Makes an executor of trees read the parent that was checked, because it may read it after another statement. */
function keepingParent(method: Method): Method {
  return function (...args) {
    const { queryRunner } = this as unknown as Executor;
    const [subject, ...rest] = args as [Subject, ...unknown[]];
    if (!isGuarded(queryRunner)) return method.apply(this, args);
    try {
      assertSubject(subject, holderOfRunner(queryRunner));
    } catch (error) {
      return Promise.reject(error);
    }
    return method.call(this, withParent(subject), ...rest);
  };
}

/** Returns a view of a subject whose entity keeps its present parent. */
function withParent(subject: Subject): Subject {
  const { entity, metadata } = subject;
  if (!entity) return subject;
  const view = Object.create(entity) as object;
  const parent = metadata.treeParentRelation;
  parent?.setEntityValue(view, parent.getEntityValue(entity));
  return Object.create(subject, { entity: { value: view } }) as Subject;
}

function assertSubject(
  { entity, identifier, metadata }: Subject,
  holder: Holder | undefined,
): void {
  assertEntityOfTenant(identifier, holder);
  if (!entity) return;
  assertEntityOfTenant(entity, holder);
  const assert = (source: object): void => assertEntityOfTenant(source, holder);
  // A related entity, loaded or not, provides the id for a foreign key or a junction row.
  for (const relation of metadata.relations) {
    const related: unknown = relation.getEntityValue(entity);
    if (related === undefined || related === null) continue;
    const columns = relation.inverseEntityMetadata.primaryColumns;
    for (const each of Array.isArray(related) ? related : [related]) {
      forEachIdSource(each, columns, assert);
    }
  }
}

function holderOfRunner(queryRunner: QueryRunner): Holder | undefined {
  return holderOf({ queryRunner, dataSource: dataSourceOf(queryRunner) });
}
