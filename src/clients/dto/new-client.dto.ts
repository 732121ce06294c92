import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IfGiven } from '../../http/validation/if-given.decorator.js';
import { IsCalendarDate } from '../../http/validation/is-calendar-date.decorator.js';
import { MAX_SCHEMA_NAME_BYTES } from 'nest-tenant-schemas';
import { TENANT_ACCESS, type TenantAccess } from '../client.entity.js';
import { IsSchemaName } from './is-schema-name.decorator.js';
import { IsTenantName, TENANT_NAME } from './is-tenant-name.decorator.js';

/** What a tenant is made of. */
export class NewClient {
  /** 1 to 100 characters, unique without regard to case. */
  @ApiProperty(TENANT_NAME)
  @IsTenantName()
  tenant_name!: string;

  /** PostgreSQL schema for the tenant's data. Default: made from the name. */
  @ApiPropertyOptional({
    description:
      'A PostgreSQL schema that does not exist yet: no reserved word, `pg_…` or `public`. ' +
      'Left out: made from the name.',
    pattern: '^[a-z_][a-z0-9_]*$',
    maxLength: MAX_SCHEMA_NAME_BYTES,
    example: 'pollsmaster',
  })
  @IsSchemaName()
  @IfGiven()
  schema_name?: string;

  /** Last day (UTC) that is paid for, YYYY-MM-DD. Default: never expires. */
  @ApiPropertyOptional({
    description:
      'Last day (UTC) that is paid for, also a past one. Left out, or null: never expires.',
    type: 'string',
    format: 'date',
    nullable: true,
    example: '2030-05-30',
  })
  @IsCalendarDate()
  @IsOptional()
  paid_until?: string | null;

  /** Default false. */
  @ApiPropertyOptional({ description: 'On trial it does not expire. Left out: false.' })
  @IsBoolean()
  @IfGiven()
  on_trial?: boolean;

  /** Default `open`. */
  @ApiPropertyOptional({
    description:
      'Whether anyone with the uuid may use it, or its members only. Only admins and operators can register users of a ' +
      'tenant for members only: create its first admin by the command `create-user`. Left out: open.',
    enum: TENANT_ACCESS,
  })
  @IsIn(TENANT_ACCESS)
  @IfGiven()
  access?: TenantAccess;
}
