import type { Client, TenantAccess } from '../client.entity.js';

/** A tenant, as the operator sees it. */
export class ClientView {
  tenant_uuid: string;
  tenant_name: string;
  schema_name: string;
  /** YYYY-MM-DD; null never expires. */
  paid_until: string | null;
  on_trial: boolean;
  access: TenantAccess;
  suspended: boolean;
  /** ISO 8601, UTC. */
  created_on: string;

  constructor(client: Client) {
    this.tenant_uuid = client.id;
    this.tenant_name = client.name;
    this.schema_name = client.schema;
    this.paid_until = client.paidUntil;
    this.on_trial = client.onTrial;
    this.access = client.access;
    this.suspended = client.suspended;
    this.created_on = client.createdOn.toISOString();
  }
}
