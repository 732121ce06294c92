import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { ApiPage } from '../http/openapi/api-page.decorator.js';
import { OperatorRoute } from '../http/openapi/operator-route.decorator.js';
import { type Page, PageQuery, toPageBy } from '../http/validation/page.js';
import { OperatorGuard } from '../operators/operator.guard.js';
import { PublicRoute } from 'nest-tenant-schemas';
import { positionOf, readClientCursor } from './client-cursor.js';
import { ClientsService } from './clients.service.js';
import { changesOf, ClientChange } from './dto/client-change.dto.js';
import { ClientDetails, ClientView } from './dto/client.dto.js';
import { DeletionQuery } from './dto/deletion-query.dto.js';
import { NewClient } from './dto/new-client.dto.js';
import { TenantUuid } from './dto/tenant-uuid.decorator.js';

/** Lets operators create, list, change and delete tenants. Its routes ignore the tenant header. */
@Controller('clients')
@PublicRoute()
@UseGuards(OperatorGuard)
@ApiTags('Operator')
@OperatorRoute()
export class ClientsController {
  constructor(private readonly clients: ClientsService) {}

  @Get()
  @ApiOperation({ summary: 'List tenants, oldest first' })
  @ApiPage(ClientView)
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<ClientView>> {
    const clients = await this.clients.findAfter(readClientCursor(cursor), limit + 1);
    return toPageBy(clients, limit, (client) => new ClientView(client), positionOf);
  }

  @Post()
  @ApiOperation({ summary: 'Create a tenant with its schema and tables: whole, or not at all' })
  @ApiCreatedResponse({ description: 'The tenant.', type: ClientView })
  @ApiErrors({ VALIDATION_FAILED: 'tenant_name must not be blank' }, 'CONFLICT')
  async create(@Body() input: NewClient): Promise<ClientView> {
    return new ClientView(await this.clients.create(input));
  }

  @Get(':tenant_uuid')
  @ApiOperation({ summary: 'Read a tenant and its numbers of rows' })
  @ApiOkResponse({ description: 'The tenant.', type: ClientDetails })
  @ApiErrors('TENANT_NOT_FOUND')
  read(@TenantUuid() id: string): Promise<ClientDetails> {
    return this.clients.getDetails(id);
  }

  @Patch(':tenant_uuid')
  @ApiOperation({ summary: 'Change the given fields of a tenant' })
  @ApiOkResponse({ description: 'The tenant after the change.', type: ClientView })
  @ApiErrors(
    { VALIDATION_FAILED: 'tenant_name must not be blank' },
    { CONFLICT: 'The tenant name "Pollsmaster" is taken. Choose another one.' },
    'TENANT_NOT_FOUND',
  )
  async change(@TenantUuid() id: string, @Body() input: ClientChange): Promise<ClientView> {
    const client = await this.clients.get(id);
    return new ClientView(await this.clients.change(client, changesOf(input)));
  }

  @Delete(':tenant_uuid')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a tenant with its schema and all its data' })
  @ApiNoContentResponse({ description: 'The tenant is deleted.' })
  @ApiErrors(
    { VALIDATION_FAILED: "confirm must be the name of the tenant's schema" },
    { CONFLICT: 'The schema is in use, or objects of other schemas depend on it.' },
    'TENANT_NOT_FOUND',
  )
  async delete(@TenantUuid() id: string, @Query() { confirm }: DeletionQuery): Promise<void> {
    const client = await this.clients.get(id);
    if (confirm !== client.schema) throw notConfirmed();
    await this.clients.delete(client);
  }
}

/** The message does not contain the schema name. The operator must know it. */
function notConfirmed(): BadRequestException {
  const message = "confirm must be the name of the tenant's schema: nothing was deleted";
  return new BadRequestException({ message, details: [{ field: 'confirm', message }] });
}
