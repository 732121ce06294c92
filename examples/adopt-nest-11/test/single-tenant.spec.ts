import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client, testApplication } from './cases';
import { useOwnDatabase } from './own-database';

let app: INestApplication;
let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  dropDatabase = await useOwnDatabase();
  const { AppModule } = await import('../src/app.module');
  app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
  await dropDatabase();
});

testApplication(
  new Client(
    () => app,
    () => ({}),
  ),
);
