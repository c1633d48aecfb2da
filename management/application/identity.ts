/** Identifiers and keys that management mints. */
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';

/** A new UUIDv7, dashes included. */
export function newId(): string {
  return uuidV7();
}

/** What a key may do: a write key only sends events and is public; a secret key signs. */
export type KeyPrefix = 'wk_' | 'sk_';

/** A new random key; 144 bits for a write key, 256 for a secret one. */
export function newKey(prefix: KeyPrefix): string {
  return prefix + randomBytes(prefix === 'wk_' ? 18 : 32).toString('base64url');
}

/**
 * The campaign that a create request with this idempotency key makes. The actor that remembers the first
 * answer is found by the campaign's id, so a repeat must come to the same id.
 */
export function campaignIdOf(brandId: string, requestId: string): string {
  // The length separates the two: ("ab", "c") and ("a", "bc") differ.
  return createHash('sha256').update(`${brandId.length}:${brandId}${requestId}`).digest('hex').slice(0, 32);
}

/** A secret as it may be shown again: its last four characters. */
export function maskKey(key: string): string {
  return `****${key.slice(-4)}`;
}
