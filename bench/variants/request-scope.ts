import { TENANT_DATA_SOURCE } from 'nest-tenant-schemas';
import { servePolls } from './polls-application.js';
import { requestScopedPolls } from './request-scoped-polls.js';
import type { Served, Setting } from './setting.js';
import { tenantApplication } from './tenants.js';

/**
 * The engine's pool, reached as most tutorials have it: repositories of the request's DataSource, and so
 * everything request-scoped. It shows what the scope costs, and nothing else.
 */
export function startRequestScope(setting: Setting): Promise<Served> {
  return servePolls(tenantApplication(setting, requestScopedPolls(TENANT_DATA_SOURCE)));
}
