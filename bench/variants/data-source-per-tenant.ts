import { type FactoryProvider, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { LRUCache } from 'lru-cache';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { Choice } from '../../src/polls/choice.entity.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { Vote } from '../../src/polls/votes/vote.entity.js';
import { TENANT_DATA_SOURCE } from 'nest-tenant-schemas';
import { User } from '../../src/users/user.entity.js';
import { ONE_TENANT } from './guarded-by-login.js';
import { knownTenants } from './known-tenants.js';
import { servePolls } from './polls-application.js';
import { requestScopedPolls } from './request-scoped-polls.js';
import type { Served, Setting } from './setting.js';

/** DataSources open at once, and connections of each: all that one server of 500 connections can bear. */
const MAX_DATA_SOURCES = 150;
const POOL_SIZE = 2;

/** How long requests may still use a DataSource that made way for another one. */
const CLOSING_PAUSE_MS = 5000;

/**
 * What most tutorials and packages do, done well: a DataSource for each tenant, made at its first request, once
 * for many at a time, kept in a bounded cache with a small pool each, and closed when it makes way. Tenants are
 * known from the start, so that no look-up counts against it.
 */
export async function startDataSourcePerTenant(setting: Setting): Promise<Served> {
  const { databaseUrl, environment } = setting;
  const schemas = await knownTenants(databaseUrl);
  const opened = new LRUCache<string, Promise<DataSource>>({
    max: MAX_DATA_SOURCES,
    dispose: (dataSource) => void closeLater(dataSource),
  });
  const open = (schema: string): Promise<DataSource> =>
    new DataSource({
      ...dataSourceOptions({ ...environment, databasePoolSize: POOL_SIZE }, databaseUrl),
      type: 'postgres',
      schema,
      entities: [Poll, Choice, Vote, User],
    }).initialize();
  const provider: FactoryProvider = {
    provide: TENANT_DATA_SOURCE,
    scope: Scope.REQUEST,
    inject: [REQUEST],
    useFactory: ({ headers }: { headers: Record<string, string> }) => {
      const schema = schemas.get(headers[environment.tenantHeader.toLowerCase()] ?? '');
      if (schema === undefined) throw new Error('There is no such tenant.');
      const known = opened.get(schema);
      if (known) return known;
      const dataSource = open(schema);
      opened.set(schema, dataSource);
      return dataSource;
    },
  };
  return servePolls([requestScopedPolls(TENANT_DATA_SOURCE, [provider])], [ONE_TENANT]);
}

async function closeLater(dataSource: Promise<DataSource>): Promise<void> {
  await sleep(CLOSING_PAUSE_MS, undefined, { ref: false });
  await (await dataSource).destroy();
}
