import { ApiProperty } from '@nestjs/swagger';
import { IsShortText } from '../../http/validation/is-short-text.decorator.js';
import type { Client } from '../client.entity.js';

/** Input of a look-up: the exact name of a tenant. */
export class ClientLookUp {
  @ApiProperty({
    description: "The tenant's exact name, with the same case.",
    example: 'Pollsmaster',
    minLength: 1,
    maxLength: 100,
  })
  @IsShortText()
  tenant_name!: string;
}

/** The uuid and the name of a tenant. Clients need the uuid to send requests. */
export class ClientIdentity {
  @ApiProperty({
    description: 'The value for the tenant header.',
    format: 'uuid',
    example: '123e4567-e89b-42d3-a456-426614174000',
  })
  tenant_uuid: string;

  @ApiProperty({ example: 'Pollsmaster' })
  tenant_name: string;

  constructor({ id, name }: Client) {
    this.tenant_uuid = id;
    this.tenant_name = name;
  }
}
