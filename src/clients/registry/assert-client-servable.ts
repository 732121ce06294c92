import { HttpException, HttpStatus } from '@nestjs/common';
import { TenantSuspendedError } from 'nest-tenant-schemas';
import type { Client } from '../client.entity.js';

/** Message of the 402 for an expired tenant. */
export const EXPIRED = 'This tenant is no longer paid for. Ask the operator.';

/** Matches `YYYY-MM-DD`. Such days have the same order as text. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Rejects requests of suspended and expired tenants. A tenant is expired if today (UTC) is after `paidUntil` and it is not
 * on trial. A tenant without `paidUntil` never expires.
 *
 * @throws TenantSuspendedError
 * @throws HttpException 402 `TENANT_EXPIRED`
 * @throws Error for a `paidUntil` that is neither a day nor null, for example `infinity`
 */
export function assertClientServable(
  { suspended, paidUntil, onTrial }: Client,
  now = new Date(),
): void {
  if (suspended) throw new TenantSuspendedError();
  if (onTrial || paidUntil === null) return;
  if (!DAY.test(paidUntil)) throw new Error(`paid_until of the tenant is not a day: ${paidUntil}.`);
  const today = now.toISOString().slice(0, 'YYYY-MM-DD'.length);
  if (paidUntil < today) {
    throw new HttpException(
      { code: 'TENANT_EXPIRED', message: EXPIRED },
      HttpStatus.PAYMENT_REQUIRED,
    );
  }
}
