import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client, testApplication } from './cases.js';
import { useOwnDatabase } from './own-database.js';

let app: INestApplication;
let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  dropDatabase = await useOwnDatabase();
  const { AppModule } = await import('../src/app.module.js');
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
