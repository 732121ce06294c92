import {
  type EntityMetadata,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  type LoadEvent,
  type QueryRunner,
  type RecoverEvent,
  type RemoveEvent,
  type SoftRemoveEvent,
  type UpdateEvent,
} from 'typeorm';
import type { BeforeQueryEvent } from 'typeorm/subscriber/event/QueryEvent.js';
import { carriesMarker, TENANT_SCHEMA } from '../core/marker.js';
import { clientOf } from './client-of.js';
import { assertEntityOfTenant, stampEntity } from './entity-owner.js';

/** What the persistence events have in common. */
interface PersistenceEvent {
  readonly entity?: unknown;
  readonly databaseEntity?: unknown;
  readonly metadata: EntityMetadata;
  readonly queryRunner: QueryRunner;
}

/**
 * The engine's own TypeORM subscriber: remembers whose row each entity is and refuses it in another
 * tenant. Registered by `tenantDataSourceOptions`, beside the application's.
 */
@EventSubscriber()
export class TenantSubscriber implements EntitySubscriberInterface<object> {
  /** Here an error reaches the caller as it is; thrown by the client it comes in a QueryFailedError. */
  beforeQuery(event: BeforeQueryEvent): void {
    if (carriesMarker(event.query)) clientOf(event.queryRunner)?.requireTenant();
  }

  afterLoad(entity: object, event?: LoadEvent<object>): void {
    if (event && isTenantEntity(event.metadata)) stampEntity(entity, clientOf(event.queryRunner));
  }

  beforeInsert(event: InsertEvent<object>): void {
    this.refuseForeign(event);
  }

  afterInsert(event: InsertEvent<object>): void {
    this.stamp(event);
  }

  beforeUpdate(event: UpdateEvent<object>): void {
    this.refuseForeign(event);
  }

  afterUpdate(event: UpdateEvent<object>): void {
    this.stamp(event);
  }

  beforeRemove(event: RemoveEvent<object>): void {
    this.refuseForeign(event);
  }

  beforeSoftRemove(event: SoftRemoveEvent<object>): void {
    this.refuseForeign(event);
  }

  beforeRecover(event: RecoverEvent<object>): void {
    this.refuseForeign(event);
  }

  private refuseForeign({ entity, databaseEntity, metadata, queryRunner }: PersistenceEvent): void {
    const client = clientOf(queryRunner);
    assertEntityOfTenant(entity, client);
    assertEntityOfTenant(databaseEntity, client);
    if (typeof entity !== 'object' || entity === null) return;
    // A related entity gives its id to a foreign key or a junction row, loaded or not.
    for (const relation of metadata.relations) {
      const related: unknown = relation.getEntityValue(entity);
      for (const each of Array.isArray(related) ? related : [related]) {
        assertEntityOfTenant(each, client);
      }
    }
  }

  private stamp({ entity, metadata, queryRunner }: PersistenceEvent): void {
    if (typeof entity === 'object' && entity !== null && isTenantEntity(metadata)) {
      stampEntity(entity, clientOf(queryRunner));
    }
  }
}

function isTenantEntity(metadata: EntityMetadata): boolean {
  return metadata.schema === TENANT_SCHEMA;
}
