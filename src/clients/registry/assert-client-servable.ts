import { HttpException, HttpStatus } from '@nestjs/common';
import { TenantSuspendedError } from 'nest-tenant-schemas';
import type { Client } from '../client.entity.js';

/** What a request to a tenant that is no longer paid for is told. */
export const EXPIRED = 'This tenant is no longer paid for. Ask the operator.';

/** `YYYY-MM-DD`, which is ordered as text. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Refuses requests to a tenant that exists and may not be served: suspended, or expired. A tenant expires
 * when today (UTC) is after `paidUntil` and it is not on trial; without `paidUntil` it never does.
 *
 * @throws TenantSuspendedError
 * @throws HttpException 402 `TENANT_EXPIRED`
 * @throws Error for a `paidUntil` that is neither a day nor null, as `infinity`: it is not taken for "never"
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
