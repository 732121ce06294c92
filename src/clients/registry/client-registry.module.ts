import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Client } from '../client.entity.js';
import { ClientRegistry } from './client-registry.js';

/** The registry alone: what `TenantModule` is given, before `ClientsModule` uses the engine. */
@Module({
  imports: [TypeOrmModule.forFeature([Client])],
  providers: [ClientRegistry],
  exports: [ClientRegistry],
})
export class ClientRegistryModule {}
