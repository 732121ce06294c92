import { Body, Controller, Get, HttpCode, NotFoundException, Post, Query } from '@nestjs/common';
import { PublicRoute } from '../tenancy/index.js';
import { ClientsService } from './clients.service.js';
import { ClientIdentity, ClientLookUp } from './dto/client-look-up.dto.js';

/** The public look-up of a tenant's uuid by its exact name. It never lists. */
@Controller('client')
@PublicRoute()
export class ClientController {
  constructor(private readonly clients: ClientsService) {}

  @Post()
  @HttpCode(200)
  lookUp(@Body() { tenant_name }: ClientLookUp): Promise<ClientIdentity> {
    return this.find(tenant_name);
  }

  @Get()
  lookUpByQuery(@Query() { tenant_name }: ClientLookUp): Promise<ClientIdentity> {
    return this.find(tenant_name);
  }

  private async find(name: string): Promise<ClientIdentity> {
    const client = await this.clients.findByName(name);
    if (!client) throw new NotFoundException('There is no tenant of exactly this name.');
    return new ClientIdentity(client);
  }
}
