/** How snapshots and leases lie in LMDB. */
import { fail } from '../../model/errors.ts';
import type { Snapshot } from './port.ts';

/**
 * Databases: `snapshots` (key → f64 revision | value), `revisions` (revision → key, for who looks for what
 * has changed), `leases` (name → `StoredLease`), `counters`. The revision takes eight bytes, so that a value
 * that is read begins at an aligned address.
 */
export const DATABASES = 4;
export const SNAPSHOTS = 'snapshots';
export const REVISIONS = 'revisions';
export const LEASES = 'leases';
export const COUNTERS = 'counters';

/**
 * The counter that revisions are drawn from: one for all keys, so that a key that is deleted and written
 * again never gets a revision that it had before.
 */
export const REVISION_COUNTER = 'revision';

const HEADER_BYTES = 8;
/** LMDB's bound at its default page size. */
const KEY_BYTES = 1_978;

export interface StoredLease {
  /** Kept when the lease is given up, so that the next one is higher. */
  readonly epoch: number;
  /** Empty: nobody. */
  readonly owner: string;
  readonly expiresAt: number;
}

export function encodeSnapshot(revision: number, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + value.byteLength);
  bytes.writeDoubleLE(revision, 0);
  bytes.set(value, HEADER_BYTES);
  return bytes;
}

export function revisionOf(bytes: Buffer | undefined): number {
  return bytes ? bytes.readDoubleLE(0) : 0;
}

export function decodeSnapshot(key: string, bytes: Buffer): Snapshot {
  return { key, revision: revisionOf(bytes), value: bytes.subarray(HEADER_BYTES) };
}

/** The least text that is greater than every key that begins with `prefix`: keys are ASCII without DEL. */
export function endOfPrefix(prefix: string): string {
  return `${prefix}\x7f`;
}

/** @throws TurnpikeError `invalid_argument` for a key that cannot be stored, see `keyPart` */
export function checkKey(key: string): void {
  if (key.length === 0) fail('invalid_argument', 'the key of a snapshot is empty');
  if (key.length > KEY_BYTES)
    fail(
      'invalid_argument',
      `the key of a snapshot has ${key.length} bytes, more than ${KEY_BYTES}: ${key.slice(0, 80)}…`,
    );
  if (!/^[A-Za-z0-9_=.\-/]+$/.test(key))
    fail('invalid_argument', `the key of a snapshot has characters that are not allowed: ${key}`);
}
