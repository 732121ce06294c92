import { Body, Controller, Get, HttpCode, NotFoundException, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { RateLimited } from '../http/rate-limit/rate-limited.decorator.js';
import { PublicRoute } from 'nest-tenant-schemas';
import { ClientsService } from './clients.service.js';
import { ClientIdentity, ClientLookUp } from './dto/client-look-up.dto.js';

const NO_SUCH_NAME = 'There is no tenant of exactly this name.';

/** Looks up the uuid of a tenant by its exact name. Public, and returns one tenant only. */
@Controller('client')
@PublicRoute()
@ApiTags('Tenants')
@RateLimited('look-up')
@ApiErrors('DATABASE_UNAVAILABLE', 'POOL_EXHAUSTED')
export class ClientController {
  constructor(private readonly clients: ClientsService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: "Find a tenant's uuid by its name" })
  @ApiOkResponse({ description: 'The tenant of that name.', type: ClientIdentity })
  @ApiErrors({ NOT_FOUND: NO_SUCH_NAME, VALIDATION_FAILED: 'tenant_name must not be blank' })
  lookUp(@Body() { tenant_name }: ClientLookUp): Promise<ClientIdentity> {
    return this.find(tenant_name);
  }

  @Get()
  @ApiOperation({ summary: "Find a tenant's uuid by its name, given in the query" })
  @ApiOkResponse({ description: 'The tenant of that name.', type: ClientIdentity })
  @ApiErrors({ NOT_FOUND: NO_SUCH_NAME, VALIDATION_FAILED: 'tenant_name must not be blank' })
  lookUpByQuery(@Query() { tenant_name }: ClientLookUp): Promise<ClientIdentity> {
    return this.find(tenant_name);
  }

  private async find(name: string): Promise<ClientIdentity> {
    const client = await this.clients.findByName(name);
    if (!client) throw new NotFoundException(NO_SUCH_NAME);
    return new ClientIdentity(client);
  }
}
