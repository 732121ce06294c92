import { normalizeIp } from '@nestjs/throttler';
import type { BoundedThrottlerStorage } from './bounded-throttler-storage.js';

/** Counts the wrong keys that each address sends, so that the right one cannot be found out by trying. */
export class WrongKeys {
  /**
   * @param limit most of an address in a window; 0 any number
   * @param windowMs length of the window in milliseconds
   */
  constructor(
    private readonly storage: BoundedThrottlerStorage,
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Seconds until a key of this address is looked at again, right or wrong; 0 when it is at once. */
  secondsToWait(address: string): number {
    const count = this.limit > 0 ? this.storage.peek(keyOf(address)) : undefined;
    return count && count.hits >= this.limit ? count.seconds : 0;
  }

  /** Counts one more. */
  count(address: string): void {
    void this.storage.increment(keyOf(address), this.windowMs, this.limit);
  }
}

/** An IPv6 network is one address, as for the other limits. */
function keyOf(address: string): string {
  return `wrong-key:${normalizeIp(address)}`;
}
