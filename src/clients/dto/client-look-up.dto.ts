import { ApiProperty } from '@nestjs/swagger';
import { IsShortText } from '../../http/validation/is-short-text.decorator.js';
import type { Client } from '../client.entity.js';

/** Asks for the tenant of exactly this name. */
export class ClientLookUp {
  @ApiProperty({
    description: "The tenant's name, exactly as it was given.",
    example: 'Pollsmaster',
    minLength: 1,
    maxLength: 100,
  })
  @IsShortText()
  tenant_name!: string;
}

/** What a tenant's clients need to know to send requests for it. */
export class ClientIdentity {
  @ApiProperty({
    description: 'To send in the tenant header.',
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
