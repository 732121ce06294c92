import { ApiProperty } from '@nestjs/swagger';
import { type Client, TENANT_ACCESS, type TenantAccess } from '../client.entity.js';

/** A tenant in the format for operators. */
export class ClientView {
  @ApiProperty({
    description: 'The value that clients of the API send in the tenant header.',
    format: 'uuid',
    example: '123e4567-e89b-42d3-a456-426614174000',
  })
  tenant_uuid: string;

  @ApiProperty({ description: 'Unique regardless of case.', example: 'Pollsmaster' })
  tenant_name: string;

  @ApiProperty({
    description: "The PostgreSQL schema with the tenant's data.",
    example: 'pollsmaster',
  })
  schema_name: string;

  /** YYYY-MM-DD. Null: the tenant never expires. */
  @ApiProperty({
    description: 'Last paid day (UTC). Null: the tenant never expires.',
    type: 'string',
    format: 'date',
    nullable: true,
    example: '2030-05-30',
  })
  paid_until: string | null;

  @ApiProperty({ description: 'A tenant on trial does not expire.', example: false })
  on_trial: boolean;

  @ApiProperty({
    description: '`open`: anyone with the uuid may use the tenant. `members`: only its users.',
    enum: TENANT_ACCESS,
    example: 'open',
  })
  access: TenantAccess;

  @ApiProperty({ description: 'Requests of a suspended tenant are rejected.', example: false })
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

/** Numbers of rows of a tenant. */
export class Usage {
  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  readonly polls!: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 3 })
  readonly users!: number;
}

/** A tenant with the numbers of its rows. */
export class ClientDetails extends ClientView {
  @ApiProperty({ description: 'Numbers of rows of the tenant at this moment.', type: () => Usage })
  usage: Usage;

  constructor(client: Client, usage: Usage) {
    super(client);
    this.usage = usage;
  }
}
