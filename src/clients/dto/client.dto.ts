import { ApiProperty } from '@nestjs/swagger';
import { type Client, TENANT_ACCESS, type TenantAccess } from '../client.entity.js';

/** A tenant, as the operator sees it. */
export class ClientView {
  @ApiProperty({
    description: 'What clients of the API send in the tenant header.',
    format: 'uuid',
    example: '123e4567-e89b-42d3-a456-426614174000',
  })
  tenant_uuid: string;

  @ApiProperty({ description: 'Unique without regard to case.', example: 'Pollsmaster' })
  tenant_name: string;

  @ApiProperty({
    description: "The PostgreSQL schema with the tenant's data.",
    example: 'pollsmaster',
  })
  schema_name: string;

  /** YYYY-MM-DD; null never expires. */
  @ApiProperty({
    description: 'Last day (UTC) that is paid for; null never expires.',
    type: 'string',
    format: 'date',
    nullable: true,
    example: '2030-05-30',
  })
  paid_until: string | null;

  @ApiProperty({ description: 'On trial it does not expire.', example: false })
  on_trial: boolean;

  @ApiProperty({
    description: 'Whether anyone with the uuid may use it, or its members only.',
    enum: TENANT_ACCESS,
    example: 'open',
  })
  access: TenantAccess;

  @ApiProperty({ description: 'Its requests are refused.', example: false })
  suspended: boolean;

  /** ISO 8601, UTC. */
  @ApiProperty({ format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
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

/** How much a tenant has. */
export class Usage {
  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  readonly polls!: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 3 })
  readonly users!: number;
}

/** A tenant and how much it has. */
export class ClientDetails extends ClientView {
  @ApiProperty({ description: 'Rows of the tenant, counted now.', type: () => Usage })
  usage: Usage;

  constructor(client: Client, usage: Usage) {
    super(client);
    this.usage = usage;
  }
}
