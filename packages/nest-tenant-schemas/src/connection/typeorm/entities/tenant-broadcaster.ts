import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import { Broadcaster } from 'typeorm/subscriber/Broadcaster.js';
import { BroadcasterResult } from 'typeorm/subscriber/BroadcasterResult.js';
import { hasPlaceholder } from '../../../core/names/schema-placeholder.js';
import { clientOf } from '../../client/client-of.js';
import { assertEntityOfTenant } from './entity-guard.js';
import { stampEntity } from './entity-owner.js';
import type { TenantClient } from '../../client/tenant-client.js';

/** Describes the methods that announce each event. `broadcast` selects one by its name. */
type Announcements = Partial<Record<string, (...args: unknown[]) => void>>;

type EventArguments<Name extends keyof Broadcaster> = Parameters<Broadcaster[Name]>;

/** Describes the first arguments of the events of writes. */
type WriteEvent = readonly [
  result: BroadcasterResult,
  metadata: EntityMetadata,
  entity?: ObjectLiteral,
  databaseEntity?: ObjectLiteral,
  ...rest: unknown[],
];

/** Serves all events whose listeners return no promise. */
const NOTHING = Promise.resolve();

/**
 * Rejects entities of other tenants before a query runner writes them, also entities that a listener adds. It
 * replaces the class that announces TypeORM's events. A subscriber would cost more: for a subscriber of
 * writes, TypeORM computes all changes twice.
 * Decision: docs/decisions/0017-promises-of-a-statement.md.
 */
export class TenantBroadcaster extends Broadcaster {
  constructor(private readonly runner: QueryRunner) {
    super(runner);
  }

  /** Announces an event. TypeORM's method creates several promises for each event, with or without listeners. */
  override broadcast(event: string, ...args: unknown[]): Promise<void> {
    const result = new BroadcasterResult();
    try {
      (this as unknown as Announcements)[`broadcast${event}Event`]?.(result, ...args);
    } catch (error) {
      return Promise.reject(error);
    }
    return result.promises.length === 0 ? NOTHING : result.wait().then(() => undefined);
  }

  /**
   * Checks a statement here, because the caller then receives the error itself. The client's error would
   * arrive in a QueryFailedError.
   */
  override broadcastBeforeQueryEvent(...event: EventArguments<'broadcastBeforeQueryEvent'>): void {
    const { client } = this;
    const [, query, parameters] = event;
    client?.assertOwnTenant();
    if (hasPlaceholder(query)) client?.requireTenant();
    for (const parameter of (parameters as unknown[] | undefined) ?? []) {
      assertEntityOfTenant(parameter, client);
    }
    super.broadcastBeforeQueryEvent(...event);
  }

  override broadcastBeforeInsertEvent(
    ...event: EventArguments<'broadcastBeforeInsertEvent'>
  ): void {
    this.refuseForeign(event, () => super.broadcastBeforeInsertEvent(...event));
  }

  override broadcastAfterInsertEvent(...event: EventArguments<'broadcastAfterInsertEvent'>): void {
    const [, metadata, entity] = event;
    // Subscribers receive the entity before the insert returns.
    stampEntity(entity, metadata, this.client);
    super.broadcastAfterInsertEvent(...event);
  }

  override broadcastBeforeUpdateEvent(
    ...event: EventArguments<'broadcastBeforeUpdateEvent'>
  ): void {
    this.refuseForeign(event, () => super.broadcastBeforeUpdateEvent(...event));
  }

  override broadcastBeforeRemoveEvent(
    ...event: EventArguments<'broadcastBeforeRemoveEvent'>
  ): void {
    this.refuseForeign(event, () => super.broadcastBeforeRemoveEvent(...event));
  }

  override broadcastBeforeSoftRemoveEvent(
    ...event: EventArguments<'broadcastBeforeSoftRemoveEvent'>
  ): void {
    this.refuseForeign(event, () => super.broadcastBeforeSoftRemoveEvent(...event));
  }

  override broadcastBeforeRecoverEvent(
    ...event: EventArguments<'broadcastBeforeRecoverEvent'>
  ): void {
    this.refuseForeign(event, () => super.broadcastBeforeRecoverEvent(...event));
  }

  private get client(): TenantClient | undefined {
    return clientOf(this.runner);
  }

  /**
   * Checks the written entities again after each listener, because a listener may add another tenant's
   * entity.
   */
  private refuseForeign(event: WriteEvent, announce: () => void): void {
    const [{ promises }] = event;
    const before = promises.length;
    announce();
    this.assertOfTenant(event);
    const listeners = promises.slice(before);
    if (listeners.length === 0) return;
    promises.push(Promise.all(listeners).then(() => this.assertOfTenant(event)));
  }

  private assertOfTenant([, metadata, entity, databaseEntity]: WriteEvent): void {
    const { client } = this;
    assertEntityOfTenant(entity, client);
    assertEntityOfTenant(databaseEntity, client);
    if (typeof entity !== 'object' || entity === null) return;
    // A related entity, loaded or not, provides the id for a foreign key or a junction row.
    for (const relation of metadata.relations) {
      const related: unknown = relation.getEntityValue(entity);
      for (const each of Array.isArray(related) ? related : [related]) {
        assertEntityOfTenant(each, client);
      }
    }
  }
}
