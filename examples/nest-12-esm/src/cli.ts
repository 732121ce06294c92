import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { runCommands, TenantCommandsModule, TenantSuspension } from 'nest-tenant-schemas/commands';
import { AppModule } from './app.module.js';

@Module({
  imports: [
    TenantCommandsModule.register({
      open: () =>
        NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }),
      suspension: TenantSuspension,
    }),
  ],
})
class CliModule {}

await runCommands(CliModule, { name: 'notes', version: '1.0.0' });
