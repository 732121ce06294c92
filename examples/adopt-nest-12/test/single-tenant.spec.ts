// Each form runs in a Jest process of its own: in a second test file, TypeORM cannot import the files of its globs.
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Client, testApplication } from './cases.js';
import { useOwnDatabase } from './own-database.js';

let app: INestApplication;
let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  dropDatabase = await useOwnDatabase();
  const { AppModule } = await import('../src/app.module.js');
  app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await dropDatabase();
});

testApplication(() => app, new Client(() => app));
