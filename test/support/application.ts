// The whole application over real HTTP on a free port, on a database whose shared schema is migrated.
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import type { Client } from '../../src/clients/client.entity.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { parseEnvironment } from '../../src/config/environment.js';
import { allowOrigins } from '../../src/http/server/allow-origins.js';
import { createFastifyAdapter } from '../../src/http/server/fastify-adapter.js';
import { SchemaMigrator } from 'nest-tenant-schemas';

/** What a client sees of an answer. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  /** Parsed JSON; undefined when there is none. */
  readonly body: Body;
}

/** What a request carries besides method and path. */
export interface Sent {
  /** UUID for the tenant header. */
  readonly tenant?: string;
  /** Sent as JSON; a string and bytes are sent as they are, and called JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApplication {
  readonly app: NestFastifyApplication;
  readonly url: string;
  send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    sent?: Sent,
  ): Promise<Answer<Body>>;
  /** Creates a tenant, schema and all, whose schema is made from its name. */
  createTenant(name: string): Promise<Client>;
  close(): Promise<void>;
}

/** Signs the tokens of {@link startApplication}, unless a spec gives another one. */
export const TEST_JWT_SECRET = 'a secret of the tests'.padEnd(32, '.').replaceAll(' ', '-');
/** Specs ask more than a person would, and from one address. */
const WITHOUT_RATE_LIMITS = {
  RATE_LIMIT_LOOK_UP: '0',
  RATE_LIMIT_LOGIN: '0',
  RATE_LIMIT_LOGIN_TENANT: '0',
};

/** @param variables settings, by the names of the environment */
export async function startApplication(
  databaseUrl: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<TestApplication> {
  const environment = parseEnvironment({
    NODE_ENV: 'test',
    JWT_SECRET: TEST_JWT_SECRET,
    ...WITHOUT_RATE_LIMITS,
    ...variables,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment, databaseUrl),
    createFastifyAdapter({
      trustProxy: environment.trustProxy,
      tenantHeader: environment.tenantHeader,
    }),
    { logger: false, abortOnError: false },
  );
  allowOrigins(app, environment.corsOrigins);
  await app.init();
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    url,
    send: (method, path, sent) => send(url, method, path, sent),
    createTenant: (name) => app.get(ClientsService).create({ tenant_name: name }),
    close: () => app.close(),
  };
}

function isAsItIs(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Sends a request to a server's address. */
export async function send<Body>(
  url: string,
  method: string,
  path: string,
  { tenant, body, headers }: Sent = {},
): Promise<Answer<Body>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(tenant !== undefined && { 'X-Request-ID': tenant }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isAsItIs(body) ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? undefined : JSON.parse(text)) as Body,
  };
}
