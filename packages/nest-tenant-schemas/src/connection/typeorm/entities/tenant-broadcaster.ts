import type { EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import { Broadcaster } from 'typeorm/subscriber/Broadcaster.js';
import { BroadcasterResult } from 'typeorm/subscriber/BroadcasterResult.js';
import { hasPlaceholder } from '../../../core/names/schema-placeholder.js';
import { clientOf } from '../../client/client-of.js';
import { assertEntityOfTenant } from './entity-guard.js';
import { stampEntity } from './entity-owner.js';
import type { TenantClient } from '../../client/tenant-client.js';

/** The methods that announce each event, which `broadcast` chooses from. */
type Announcements = Partial<Record<string, (...args: unknown[]) => void>>;

type EventArguments<Name extends keyof Broadcaster> = Parameters<Broadcaster[Name]>;

/** What the events of writes begin with. */
type WriteEvent = readonly [
  result: BroadcasterResult,
  metadata: EntityMetadata,
  entity?: ObjectLiteral,
  databaseEntity?: ObjectLiteral,
  ...rest: unknown[],
];

/** What is to be waited for where nobody who heard of an event does anything later. */
const NOTHING = Promise.resolve();

/**
 * Rejects entities of other tenants among what a query runner is about to write, also those that a listener puts there.
 * It stands where TypeORM announces its events. A subscriber would cost more: for one of writes, TypeORM computes twice
 * what has changed. Decision: docs/decisions/0017-promises-of-a-statement.md.
 */
export class TenantBroadcaster extends Broadcaster {
  constructor(private readonly runner: QueryRunner) {
    super(runner);
  }

  /** As TypeORM's, which makes several promises for each event, heard by anybody or not. */
  override broadcast(event: string, ...args: unknown[]): Promise<void> {
    const result = new BroadcasterResult();
    try {
      (this as unknown as Announcements)[`broadcast${event}Event`]?.(result, ...args);
    } catch (error) {
      return Promise.reject(error);
    }
    return result.promises.length === 0 ? NOTHING : result.wait().then(() => undefined);
  }

  /** Here an error reaches the caller as it is; thrown by the client it comes in a QueryFailedError. */
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
    // Subscribers get it before the insert returns.
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

  /** Listeners may put another tenant's entity into what is written, so it is checked after each of them. */
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
    // A related entity gives its id to a foreign key or a junction row, loaded or not.
    for (const relation of metadata.relations) {
      const related: unknown = relation.getEntityValue(entity);
      for (const each of Array.isArray(related) ? related : [related]) {
        assertEntityOfTenant(each, client);
      }
    }
  }
}
