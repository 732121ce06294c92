// A tiny application of the engine's user, for both HTTP adapters: singletons, a bound handle, public routes.
import {
  Body,
  type CanActivate,
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  Post,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { ErrorFilter } from '../../src/http/errors/error.filter.js';
import {
  CurrentTenant,
  InjectTenantDataSource,
  PublicRoute,
  type Tenant,
  tenantContext,
  tenantDataSourceOptions,
  TenantCache,
  TenantModule,
} from 'nest-tenant-schemas';
import type { MemoryRegistry } from 'test-support/memory-registry.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  Note,
  Notice,
  testOptions,
} from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { HttpAdapterHost } from '@nestjs/core';

/** Lets two requests wait for each other, so that they are really under way at once. */
export class Gate {
  private readonly waiting: (() => void)[] = [];

  /** Resolves when as many requests as the path says have come. */
  pass(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length < count) return;
      for (const go of this.waiting.splice(0)) go();
    });
  }
}

/** Stands for a guard that authenticates: it reads the tenant's own tables. */
@Injectable()
class NotesExistGuard implements CanActivate {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  canActivate(): Promise<boolean> {
    return this.notes.exists();
  }
}

@Controller('notes')
class NotesController {
  constructor(
    @InjectRepository(Note) private readonly notes: Repository<Note>,
    private readonly gate: Gate,
  ) {}

  @Get()
  list(): Promise<Note[]> {
    return this.notes.find({ order: { id: 'ASC' } });
  }

  @Get('guarded')
  @UseGuards(NotesExistGuard)
  guarded(): Promise<Note[]> {
    return this.notes.find();
  }

  @Get('together')
  async together(): Promise<Note[]> {
    await this.gate.pass(2);
    return this.notes.find();
  }

  @Get('tenant')
  tenant(@CurrentTenant() { schema }: Tenant): { schema: string } {
    return { schema };
  }

  @Get('open')
  @PublicRoute()
  open(): { tenant: string | null } {
    return { tenant: tenantContext.current?.schema ?? null };
  }

  @Post()
  async add(@Body() { text, filler }: { text: string; filler?: string }): Promise<object> {
    const { id } = await this.notes.save({ text });
    return { id, filler: filler?.length ?? 0 };
  }
}

@Controller('bound')
class BoundController {
  constructor(
    @InjectTenantDataSource() private readonly dataSource: DataSource,
    private readonly gate: Gate,
  ) {}

  /** Reads only after both requests have their handle, and inside the other tenant's context. */
  @Get()
  async read(@CurrentTenant() own: Tenant): Promise<Note[]> {
    const other = { ...own, schema: own.schema === 'tenant_a' ? 'tenant_b' : 'tenant_a' };
    await this.gate.pass(2);
    return tenantContext.run(other, () => this.dataSource.getRepository(Note).find());
  }
}

@Controller('notices')
@PublicRoute()
class NoticesController {
  constructor(
    @InjectRepository(Notice) private readonly notices: Repository<Notice>,
    @InjectRepository(Note) private readonly notes: Repository<Note>,
  ) {}

  @Get()
  list(): Promise<Notice[]> {
    return this.notices.find();
  }

  @Get('leak')
  leak(): Promise<Note[]> {
    return this.notes.find();
  }

  @Get('own')
  @PublicRoute(false)
  own(): Promise<Note[]> {
    return this.notes.find();
  }
}

/** Starts the application on a free port and returns it with its address. */
export async function startApplication(
  adapter: 'fastify' | 'express',
  database: TestDatabase,
  registry: MemoryRegistry,
): Promise<{ app: INestApplication; url: string }> {
  @Module({
    imports: [
      TypeOrmModule.forRootAsync({
        useFactory: () => tenantDataSourceOptions(testOptions(database, { poolSize: 2 })),
      }),
      TenantModule.forRoot({ registry }),
      TenantModule.forFeature([Note]),
      TypeOrmModule.forFeature([Notice]),
    ],
    controllers: [NotesController, BoundController, NoticesController],
    providers: [Gate],
  })
  class ApplicationModule {}

  const app = await NestFactory.create(
    ApplicationModule,
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: false, abortOnError: false },
  );
  app.useGlobalFilters(new ErrorFilter(app.get(HttpAdapterHost), app.get(TenantCache)));
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
