import { Injectable } from '@nestjs/common';
import type { TenantChanges } from 'nest-tenant-schemas';
import type { Client } from '../clients/client.entity.js';
import { NewClient } from '../clients/dto/new-client.dto.js';
import { type NewNames, TenantNaming } from 'nest-tenant-schemas/commands';
import { validateInput } from './validate-input.js';

/** Names of clients, by the rules of the API. */
@Injectable()
export class ClientNaming extends TenantNaming<Client> {
  override check({ name, schema }: NewNames): void {
    validateInput<Pick<NewClient, 'tenant_name' | 'schema_name'>>(
      Object.assign(new NewClient(), { tenant_name: name, schema_name: schema }),
      { tenant_name: '--name', schema_name: '--schema' },
    );
  }

  /** Returns the columns of a clone. It keeps the paid-until date of its source. */
  override cloned(
    source: Client,
    names: Required<NewNames>,
  ): TenantChanges<Client> & Pick<Client, 'schema'> {
    return { ...names, createdOn: new Date(), clonedFrom: source.schema };
  }
}
