/** Instants as google.protobuf.Timestamp. */
import type { Timestamp } from '../../proto/generated/google/protobuf/timestamp.ts';
import type { Violations } from '../application/violations.ts';

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799n;

export function protoTimestamp(instant: number): Timestamp {
  const seconds = Math.floor(instant / 1_000);
  return { seconds: BigInt(seconds), nanos: (instant - seconds * 1_000) * 1_000_000 };
}

/** Milliseconds since the epoch, finer digits cut off; a violation if the timestamp is not within 1970 to 9999. */
export function instantOf(
  timestamp: Timestamp | undefined,
  field: string,
  violations: Violations,
): number | undefined {
  if (timestamp === undefined) return undefined;
  const { seconds, nanos } = timestamp;
  if (seconds < 0n || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) {
    return violations.add(field, 'must lie in the years 1970 to 9999, its nanos from 0 to 999,999,999');
  }
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
}
