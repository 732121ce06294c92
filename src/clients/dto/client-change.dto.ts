import { BadRequestException } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IfGiven } from '../../http/validation/if-given.decorator.js';
import { IsCalendarDate } from '../../http/validation/is-calendar-date.decorator.js';
import type { TenantChanges } from 'nest-tenant-schemas';
import { type Client, TENANT_ACCESS, type TenantAccess } from '../client.entity.js';
import { IsTenantName, TENANT_NAME } from './is-tenant-name.decorator.js';

/** Fields of a tenant to change. The others stay as they are. */
export class ClientChange {
  @ApiPropertyOptional(TENANT_NAME)
  @IsTenantName()
  @IfGiven()
  tenant_name?: string;

  @ApiPropertyOptional({
    ...TENANT_NAME,
    description: 'An alias of `tenant_name`. Give only one of them.',
  })
  @IsTenantName()
  @IfGiven()
  name?: string;

  @ApiPropertyOptional({
    description: 'Last paid day (UTC). It may be in the past. Null: the tenant never expires.',
    type: 'string',
    format: 'date',
    nullable: true,
    example: '2030-05-30',
  })
  @IsCalendarDate()
  @IsOptional()
  paid_until?: string | null;

  @ApiPropertyOptional({ description: 'A tenant on trial does not expire.' })
  @IsBoolean()
  @IfGiven()
  on_trial?: boolean;

  @ApiPropertyOptional({
    description:
      '`open`: anyone with the uuid may use the tenant. `members`: only its users. ' +
      'Users who registered while it was open remain members.',
    enum: TENANT_ACCESS,
  })
  @IsIn(TENANT_ACCESS)
  @IfGiven()
  access?: TenantAccess;

  @ApiPropertyOptional({
    description: 'Requests of a suspended tenant are rejected. Its data stays.',
  })
  @IsBoolean()
  @IfGiven()
  suspended?: boolean;
}

/**
 * Returns the columns to set.
 *
 * @throws BadRequestException if both `name` and `tenant_name` are given
 */
export function changesOf(input: ClientChange): TenantChanges<Client> {
  if (input.name !== undefined && input.tenant_name !== undefined) {
    const message = 'name must not be given together with tenant_name';
    throw new BadRequestException({ message, details: [{ field: 'name', message }] });
  }
  const changes: TenantChanges<Client> = {
    name: input.tenant_name ?? input.name,
    paidUntil: input.paid_until,
    onTrial: input.on_trial,
    access: input.access,
    suspended: input.suspended,
  };
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as TenantChanges<Client>;
}
