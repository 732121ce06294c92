import { Module } from '@nestjs/common';
import { ClientController } from './client.controller.js';
import { ClientRegistryModule } from './client-registry.module.js';
import { ClientsService } from './clients.service.js';

@Module({
  imports: [ClientRegistryModule],
  controllers: [ClientController],
  providers: [ClientsService],
  exports: [ClientsService, ClientRegistryModule],
})
export class ClientsModule {}
