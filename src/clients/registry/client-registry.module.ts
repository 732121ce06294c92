import { Module } from '@nestjs/common';
import { ClientRegistry } from './client-registry.js';

/** The registry alone: what `TenantModule` is given, before `ClientsModule` uses the engine. */
@Module({
  providers: [ClientRegistry],
  exports: [ClientRegistry],
})
export class ClientRegistryModule {}
