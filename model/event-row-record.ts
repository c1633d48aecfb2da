/** One event of a batch by itself. */
import { REASONS } from './decision.ts';
import { EventType, STRING_FIELDS } from './event.ts';
import { type EventBatch, EventBatchBuilder, UNDECIDED } from './event-batch.ts';
import { FINGERPRINT_WORDS } from './fingerprint.ts';

/**
 * The current row of a batch as a record of its own.
 *
 * @param isRepeat whether it is known to be a repeat: then it is one for whoever reads the record, too
 */
export function rowRecord(batch: EventBatch, isRepeat: boolean): Uint8Array {
  const strings = STRING_FIELDS.map((_, field) => batch.string(field));
  const presence = strings.reduce(
    (bits, text, field) => (text === undefined ? bits : bits | (1 << field)),
    0,
  );
  const { type, occurredAt, valueMicros, flags, verdict, fingerprintAt, visitorAt } = batch;
  const words = new Uint32Array(2 * FINGERPRINT_WORDS);
  words.set(batch.fingerprints.subarray(fingerprintAt, fingerprintAt + FINGERPRINT_WORDS));
  if (type === EventType.click)
    words.set(batch.visitors.subarray(visitorAt, visitorAt + FINGERPRINT_WORDS), FINGERPRINT_WORDS);
  const builder = new EventBatchBuilder();
  const row = { type, occurredAt, valueMicros, flags, strings, presence };
  builder.addRow(row, words, 0, isRepeat && verdict === UNDECIDED ? REASONS.duplicate_event : verdict);
  return builder.encode();
}
