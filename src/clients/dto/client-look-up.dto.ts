import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { IsPlainText } from '../../http/is-plain-text.decorator.js';
import type { Client } from '../client.entity.js';

/** Asks for the tenant of exactly this name. */
export class ClientLookUp {
  @IsPlainText()
  @MaxLength(100)
  @IsNotEmpty()
  @IsString()
  tenant_name!: string;
}

/** What a tenant's clients need to know to send requests for it. */
export class ClientIdentity {
  tenant_uuid: string;
  tenant_name: string;

  constructor({ id, name }: Client) {
    this.tenant_uuid = id;
    this.tenant_name = name;
  }
}
