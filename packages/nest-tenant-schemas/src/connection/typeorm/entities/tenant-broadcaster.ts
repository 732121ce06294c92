import type { QueryRunner } from 'typeorm';
import { Broadcaster } from 'typeorm/subscriber/Broadcaster.js';
import { BroadcasterResult } from 'typeorm/subscriber/BroadcasterResult.js';
import { hasPlaceholder } from '../../../core/names/schema-placeholder.js';
import { clientOf } from '../../client/client-of.js';
import { assertParametersOfTenant } from './assert-entity.js';
import { isPlain } from './entity-guard.js';
import { stampEntity } from './entity-owner.js';
import type { TenantClient } from '../../client/tenant-client.js';

/** Describes the methods that announce each event. `broadcast` selects one by its name. */
type Announcements = Partial<Record<string, (...args: unknown[]) => void>>;

type EventArguments<Name extends keyof Broadcaster> = Parameters<Broadcaster[Name]>;

/** Serves all events whose listeners return no promise. */
const NOTHING = Promise.resolve();

/**
 * Announces the events of a query runner with few promises. It rejects statements and parameters of other tenants, and
 * stamps the entity that a listener of an insert receives. A subscriber would cost more: for a subscriber of
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
    assertParametersOfTenant(parameters, client);
    super.broadcastBeforeQueryEvent(...event);
  }

  override broadcastAfterInsertEvent(...event: EventArguments<'broadcastAfterInsertEvent'>): void {
    const [, metadata, entity] = event;
    // Subscribers receive the entity before the insert returns. A plain object may be a constant.
    if (entity && !isPlain(entity)) stampEntity(entity, metadata, this.client);
    super.broadcastAfterInsertEvent(...event);
  }

  private get client(): TenantClient | undefined {
    return clientOf(this.runner);
  }
}
