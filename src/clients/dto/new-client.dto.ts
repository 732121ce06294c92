import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IfGiven } from '../../http/validation/if-given.decorator.js';
import { IsCalendarDate } from '../../http/validation/is-calendar-date.decorator.js';
import { MAX_SCHEMA_NAME_BYTES } from 'nest-tenant-schemas';
import { TENANT_ACCESS, type TenantAccess } from '../client.entity.js';
import { IsSchemaName } from './is-schema-name.decorator.js';
import { IsTenantName, TENANT_NAME } from './is-tenant-name.decorator.js';

/** Input for a new tenant. */
export class NewClient {
  /** 1 to 100 characters, unique regardless of case. */
  @ApiProperty(TENANT_NAME)
  @IsTenantName()
  tenant_name!: string;

  /** PostgreSQL schema for the tenant's data. Default: derived from the name. */
  @ApiPropertyOptional({
    description:
      'A PostgreSQL schema that does not exist yet. Reserved words, `pg_…` and `public` are rejected. ' +
      'Default: derived from the name.',
    pattern: '^[a-z_][a-z0-9_]*$',
    maxLength: MAX_SCHEMA_NAME_BYTES,
    example: 'pollsmaster',
  })
  @IsSchemaName()
  @IfGiven()
  schema_name?: string;

  /** Last paid day (UTC), YYYY-MM-DD. Default: the tenant never expires. */
  @ApiPropertyOptional({
    description:
      'Last paid day (UTC). It may be in the past. Null or left out: the tenant never expires.',
    type: 'string',
    format: 'date',
    nullable: true,
    example: '2030-05-30',
  })
  @IsCalendarDate()
  @IsOptional()
  paid_until?: string | null;

  /** Default false. */
  @ApiPropertyOptional({ description: 'A tenant on trial does not expire. Default: false.' })
  @IsBoolean()
  @IfGiven()
  on_trial?: boolean;

  /** Default `open`. */
  @ApiPropertyOptional({
    description:
      '`open`: anyone with the uuid may use the tenant. `members`: only its users, and only admins and operators can register ' +
      'them. Create the first admin with the command `create-user --admin`. Default: open.',
    enum: TENANT_ACCESS,
  })
  @IsIn(TENANT_ACCESS)
  @IfGiven()
  access?: TenantAccess;
}
