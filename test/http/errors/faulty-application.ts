// The whole application with a controller that goes wrong in every way, and with its log kept.
import { Controller, Get, HttpException, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppModule } from '../../../src/app.module.js';
import { parseEnvironment } from '../../../src/config/environment.js';
import {
  type AdapterOptions,
  createFastifyAdapter,
} from '../../../src/http/server/fastify-adapter.js';
import { PublicRoute, SchemaMigrator } from 'nest-tenant-schemas';

/** What an error of ours says: nothing of it may be in an answer. */
export const SECRET = 'password "hunter2" of SELECT';

@Controller('fault')
@PublicRoute()
class FaultController {
  constructor(private readonly dataSource: DataSource) {}

  @Get('bug')
  bug(): never {
    throw new Error(SECRET);
  }

  @Get('text')
  text(): never {
    throw SECRET;
  }

  @Get('nothing')
  nothing(): never {
    throw undefined;
  }

  @Get('statement')
  async statement(): Promise<unknown> {
    return this.dataSource.query(`SELECT '${SECRET}' FROM public.no_such_table`);
  }

  @Get('tenant-statement')
  async tenantStatement(): Promise<unknown> {
    return this.dataSource.query(`SELECT '${SECRET}' FROM "__tenant__"."polls"`);
  }

  @Get('server-error')
  serverError(): never {
    throw new HttpException(SECRET, 501);
  }

  @Get('teapot')
  teapot(): never {
    throw new HttpException('I am a teapot', 418);
  }
}

/** A running application, and what it logged. */
export interface FaultyApplication {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Lines of errors, with their stacks. */
  readonly logged: readonly string[];
}

/** What a test changes of the application. */
export interface Changes {
  readonly adapter?: AdapterOptions;
  /** Settings, by the names of the environment. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly providers?: Provider[];
}

export async function startFaulty(
  databaseUrl: string,
  { adapter, variables, providers = [] }: Changes = {},
): Promise<FaultyApplication> {
  const environment = parseEnvironment({ NODE_ENV: 'test', ...variables });
  @Module({
    imports: [AppModule.forRoot(environment, databaseUrl)],
    controllers: [FaultController],
    providers,
  })
  class FaultyModule {}

  const logged: string[] = [];
  const silent = (): void => undefined;
  const error = (...words: unknown[]): void => void logged.push(words.join(' '));
  const app = await NestFactory.create<NestFastifyApplication>(
    FaultyModule,
    createFastifyAdapter(adapter),
    { logger: { log: silent, warn: silent, error }, abortOnError: false },
  );
  await app.init();
  const migrated = await app.get(SchemaMigrator).migrateShared();
  if (migrated.error) throw migrated.error;
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), logged };
}
