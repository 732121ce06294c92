import { IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { IsCalendarDate } from '../../http/is-calendar-date.decorator.js';
import { IsShortText } from '../../http/is-short-text.decorator.js';
import { TENANT_ACCESS, type TenantAccess } from '../client.entity.js';
import { IsSchemaName } from '../is-schema-name.decorator.js';

/** What a tenant is made of. */
export class NewClient {
  /** 1 to 100 characters, unique without regard to case. */
  @Matches(/^\S(.*\S)?$/s, { message: 'tenant_name must not begin or end with a space' })
  @IsShortText()
  tenant_name!: string;

  /** PostgreSQL schema for the tenant's data. Default: made from the name. */
  @IsSchemaName()
  @IsOptional()
  schema_name?: string;

  /** Last day (UTC) that is paid for, YYYY-MM-DD. Default: never expires. */
  @IsCalendarDate()
  @IsOptional()
  paid_until?: string | null;

  /** Default false. */
  @IsBoolean()
  @IsOptional()
  on_trial?: boolean;

  /** Default `open`. */
  @IsIn(TENANT_ACCESS)
  @IsOptional()
  access?: TenantAccess;
}
