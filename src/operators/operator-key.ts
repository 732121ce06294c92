import { createHash, timingSafeEqual } from 'node:crypto';

/** Hex digits of a fingerprint. They distinguish keys, but do not reveal the key. */
const FINGERPRINT_LENGTH = 8;

/** The key of operators. Only its hash is stored. */
export class OperatorKey {
  private readonly hash: Buffer | undefined;

  /** @param key undefined rejects every key */
  constructor(key: string | undefined) {
    this.hash = key === undefined ? undefined : hashOf(key);
  }

  /** Compares keys in a time that depends neither on their common prefix nor on their lengths. */
  matches(given: string): boolean {
    return this.hash !== undefined && timingSafeEqual(this.hash, hashOf(given));
  }

  /** Identifies the key without revealing it, for example `3f2a9c1e`. `none` without a key. */
  get fingerprint(): string {
    return this.hash?.toString('hex').slice(0, FINGERPRINT_LENGTH) ?? 'none';
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
