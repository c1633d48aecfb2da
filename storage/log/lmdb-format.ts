/**
 * How the embedded log lies in LMDB. One database, `records`, holds all partitions, so that a commit of
 * several partitions touches few pages:
 *
 *     key    partition × 2^43 + sequence, a number: LMDB keeps it in order
 *     value  f64 time | data
 *
 * The time takes eight bytes, so data that is read begins at an aligned address and typed arrays can lie
 * on it without a copy.
 */
import type { LogRecord } from './port.ts';

/** Sequences of a partition: enough for 27,000 years of 10,000 records a second. */
const SEQUENCES = 2 ** 43;
const HEADER_BYTES = 8;

/** Name of the database of records, and of the one that holds `LogFacts` and `PartitionTail`s. */
export const RECORDS = 'records';
export const META = 'meta';

/** Key in `META` of what the log was created with. */
export const FACTS_KEY = 'facts';

export interface LogFacts {
  readonly partitions: number;
}

/** The end of a partition whose records were all trimmed; kept in `META` by partition number. */
export interface PartitionTail {
  readonly sequence: number;
  readonly time: number;
}

/** The key of a record. `sequence` 0 lies before all records of the partition. */
export function recordKey(partition: number, sequence: number): number {
  return partition * SEQUENCES + sequence;
}

/** The key that lies behind all records of the partition. */
export function endKey(partition: number): number {
  return (partition + 1) * SEQUENCES;
}

export function sequenceOf(key: number): number {
  return key % SEQUENCES;
}

/** A value with a copy of `data`, not yet stamped. */
export function encodeValue(data: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength);
  value.set(data, HEADER_BYTES);
  return value;
}

export function stampValue(value: Buffer, time: number): void {
  value.writeDoubleLE(time, 0);
}

export function decodeValue(sequence: number, value: Buffer): LogRecord {
  return { sequence, time: value.readDoubleLE(0), data: value.subarray(HEADER_BYTES) };
}
