import { Module } from '@nestjs/common';
import { ClientRegistry } from './client-registry.js';

/** Provides only the registry. `TenantModule` imports it, and `ClientsModule` in turn needs `TenantModule`. */
@Module({
  providers: [ClientRegistry],
  exports: [ClientRegistry],
})
export class ClientRegistryModule {}
