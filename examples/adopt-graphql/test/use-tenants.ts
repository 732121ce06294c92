import type { INestApplication } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { SchemaMigrator, type TableTenant } from 'nest-tenant-schemas';
import { type TwoTenants, useTwoTenants } from 'nest-tenant-schemas/testing';
import { Client } from './cases.js';
import { useOwnDatabase } from './own-database.js';
import { Together } from './together.js';

/** Serves the multi-tenant form of the application, in a database of its own, to two tenants. */
export interface ServedTenants {
  readonly tenants: TwoTenants<TableTenant, INestApplication>;
  readonly clients: Record<'a' | 'b', Client>;
  readonly together: Together;
  /** What the application logged as errors and warnings. */
  readonly logged: unknown[];
  /** Returns a client that sends these headers. */
  clientWith(headers: Readonly<Record<string, string>>): Client;
}

/** @param change changes providers before the application starts */
export function useTenants(
  change: (builder: TestingModuleBuilder) => unknown = () => undefined,
): ServedTenants {
  const together = new Together();
  const logged: unknown[] = [];
  const record = (line: unknown): number => logged.push(line);
  let dropDatabase: () => Promise<void>;

  beforeAll(async () => {
    dropDatabase = await useOwnDatabase();
  });

  const tenants = useTwoTenants<TableTenant, INestApplication>(async () => {
    const { AppModule } = await import('../multi-tenant/app.module.js');
    const builder = Test.createTestingModule({ imports: [AppModule] });
    builder.setLogger({ log: () => undefined, error: record, warn: record });
    change(builder);
    const app = (await builder.compile()).createNestApplication<INestApplication>();
    app.use(together.hold);
    const { error } = await app.get(SchemaMigrator).migrateShared();
    if (error) throw error;
    await app.listen(0, '127.0.0.1');
    return app;
  });

  // After the fixtures are gone.
  afterAll(() => dropDatabase());

  const clientOf = (headers: () => Readonly<Record<string, string>>): Client =>
    new Client(() => tenants.app, headers);
  return {
    tenants,
    together,
    logged,
    clients: { a: clientOf(() => tenants.a.headers), b: clientOf(() => tenants.b.headers) },
    clientWith: (headers) => clientOf(() => headers),
  };
}
