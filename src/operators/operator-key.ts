import { createHash, timingSafeEqual } from 'node:crypto';

/** Hex digits of a fingerprint: enough to tell keys apart, too few to stand for one. */
const FINGERPRINT_LENGTH = 8;

/** The key that operators send, kept as its hash. */
export class OperatorKey {
  private readonly hash: Buffer | undefined;

  /** @param key undefined lets nobody in */
  constructor(key: string | undefined) {
    this.hash = key === undefined ? undefined : hashOf(key);
  }

  /** Compares in a time that tells neither how much of the key is right nor how long it is. */
  matches(given: string): boolean {
    return this.hash !== undefined && timingSafeEqual(this.hash, hashOf(given));
  }

  /** Tells keys apart without giving them away: `3f2a9c1e`. `none` without a key. */
  get fingerprint(): string {
    return this.hash?.toString('hex').slice(0, FINGERPRINT_LENGTH) ?? 'none';
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
