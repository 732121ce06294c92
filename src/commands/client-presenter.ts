import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.entity.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { TenantPresenter } from 'nest-tenant-schemas/commands';

/** Prints clients as the API shows them to operators. */
@Injectable()
export class ClientPresenter extends TenantPresenter<Client> {
  override readonly emptyList =
    'There are no tenants yet. Create one: tenant-schemas create-tenant';

  override readonly idLabel = 'tenant_uuid';

  override cellsOf(client: Client): Readonly<Record<string, string>> {
    return {
      NAME: client.name,
      SCHEMA: client.schema,
      UUID: client.id,
      'PAID UNTIL': client.paidUntil ?? 'never expires',
      'ON TRIAL': yesNo(client.onTrial),
      ACCESS: client.access,
      SUSPENDED: yesNo(client.suspended),
    };
  }

  override toJson(client: Client): ClientView {
    return new ClientView(client);
  }
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
