// Handlers of a GraphQL server, as @nestjs/graphql creates them: the tenant of each HTTP request, and the errors.
import { Injectable, type LoggerService, Module, type OnModuleInit } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  PublicRoute,
  type Tenant,
  tenantContext,
  tenantDataSourceOptions,
  TenantModule,
} from '../../src/index.js';
import { PoolExhaustedError } from '../../src/errors/connection/pool-exhausted.error.js';
import { TenantMismatchError } from '../../src/errors/tenant-mismatch.error.js';
import { TenantSuspendedError } from '../../src/errors/request/tenant-suspended.error.js';
import { A, B, Note, Remark } from '../tenancy/support.js';

const SUSPENDED: Tenant = { id: '00000000-0000-4000-8000-00000000000c', schema: 'tenant_c' };

@Injectable()
class NotesResolver {
  constructor(@InjectRepository(Note) private readonly repository: Repository<Note>) {}

  async notes(): Promise<string[]> {
    return (await this.repository.find()).map(({ text }) => text);
  }

  @PublicRoute()
  async version(): Promise<string> {
    return `1, for ${tenantContext.current?.schema}`;
  }

  @PublicRoute()
  publicNotes(): Promise<string[]> {
    return this.notes();
  }

  busy(): never {
    throw new PoolExhaustedError('pool', undefined, 'full');
  }

  mixed(): never {
    throw new TenantMismatchError('This entity', 'tenant_a', 'tenant_b');
  }
}

type Field = 'notes' | 'version' | 'publicNotes' | 'busy' | 'mixed';
type Handler = (...args: unknown[]) => Promise<unknown>;

/** Answers an HTTP request for fields, each by a handler of the context type "graphql", all at once. */
@Injectable()
class GraphqlServer implements OnModuleInit {
  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly adapterHost: HttpAdapterHost,
    private readonly resolver: NotesResolver,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.adapterHost;
    httpAdapter.post('/graphql', ({ body }: { body: Field[] }, response: unknown) => {
      void this.resolveAll(body).then((results) => httpAdapter.reply(response, results, 200));
    });
  }

  private async resolveAll(fields: Field[]): Promise<unknown[]> {
    const results = await Promise.allSettled(fields.map((field) => this.resolve(field)));
    return results.map(resultOf);
  }

  /** The GraphQL context holds no request, because an application may choose its form. */
  resolve(field: Field): Promise<unknown> {
    const unused = [undefined, undefined, undefined, undefined, undefined] as const;
    const { resolver } = this;
    const method = resolver[field] as Handler;
    const handler: Handler = this.contexts.create(resolver, method, field, ...unused, 'graphql');
    return handler(undefined, {}, { loaders: {} }, {});
  }
}

/** Turns an error into the form in which a GraphQL server sends it. */
function resultOf(result: PromiseSettledResult<unknown>): unknown {
  if (result.status === 'fulfilled') return result.value;
  const { message, extensions } = result.reason as Error & { readonly extensions?: object };
  return { message, ...extensions };
}

@Module({ providers: [NotesResolver, GraphqlServer], exports: [GraphqlServer] })
class NotesModule {}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('a GraphQL handler on %s', (_, adapter) => {
  const logged: string[] = [];
  const record = (line: unknown): number => logged.push(String(line));
  const log: LoggerService = { log: () => undefined, warn: record, error: record };
  let database: TestDatabase;
  let app: Awaited<ReturnType<typeof start>>;

  async function start() {
    const created = await NestFactory.create(
      {
        module: class ApplicationModule {},
        imports: [
          TypeOrmModule.forRoot(
            tenantDataSourceOptions({ url: database.url, entities: [Note, Remark], poolSize: 3 }),
          ),
          TenantModule.forRoot({
            registry: { tenants: [A, B, SUSPENDED] },
            assertServable({ id }) {
              if (id === SUSPENDED.id) throw new TenantSuspendedError();
            },
          }),
          { module: NotesModule, imports: [TenantModule.forFeature([Note])] },
        ],
      },
      adapter(),
      { logger: log, abortOnError: false },
    );
    await created.listen(0, '127.0.0.1');
    return created;
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const { schema } of [A, B]) {
      await database.sql(
        `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.notes (id int PRIMARY KEY, text text);
         INSERT INTO ${schema}.notes VALUES (1, 'of ${schema}')`,
      );
    }
    app = await start();
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  beforeEach(() => logged.splice(0));

  async function ask(tenantId: string | undefined, ...fields: Field[]): Promise<unknown> {
    const response = await fetch(`${await app.getUrl()}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(tenantId !== undefined && { 'X-Tenant-ID': tenantId }),
      },
      body: JSON.stringify(fields),
    });
    return response.json();
  }

  it("reads its own request's tenant, in every field of concurrent requests", async () => {
    const tenants = [A, B, A, B, B, A];
    const answers = await Promise.all(tenants.map(({ id }) => ask(id, 'notes', 'notes')));
    expect(answers).toEqual(tenants.map(({ schema }) => [[`of ${schema}`], [`of ${schema}`]]));
  });

  it.each([
    ['no tenant', undefined, 'TENANT_HEADER_MISSING'],
    ['no UUID', 'acme', 'TENANT_HEADER_INVALID'],
    ['an unknown tenant', '00000000-0000-4000-8000-00000000000d', 'TENANT_NOT_FOUND'],
    ['a suspended tenant', SUSPENDED.id, 'TENANT_SUSPENDED'],
  ])('rejects a request that names %s by its code, and logs nothing', async (_name, id, code) => {
    expect(await ask(id, 'notes', 'notes')).toMatchObject([{ code }, { code }]);
    expect(logged).toEqual([]);
  });

  it('reports an overload by its code, and logs a warning', async () => {
    expect(await ask(A.id, 'busy')).toMatchObject([{ code: 'POOL_EXHAUSTED' }]);
    expect(logged).toEqual([expect.stringMatching(/^POOL_EXHAUSTED: /)]);
  });

  it('hides a fault of the server, and logs it', async () => {
    expect(await ask(A.id, 'mixed')).toEqual([{ message: 'Internal server error' }]);
    expect(logged).toEqual([expect.stringContaining('"tenant_a"')]);
  });

  it('has no tenant on a public route', async () => {
    expect(await ask(A.id, 'version')).toEqual(['1, for undefined']);
    expect(await ask(undefined, 'version', 'publicNotes')).toEqual([
      '1, for undefined',
      { message: 'Internal server error' },
    ]);
    expect(logged).toEqual([expect.stringContaining('no tenant')]);
  });

  it('has no tenant outside HTTP requests', async () => {
    const server = app.get(GraphqlServer, { strict: false });
    await expect(server.resolve('notes')).rejects.toThrow('Internal server error');
    expect(logged).toEqual([expect.stringContaining('no tenant')]);
  });
});
