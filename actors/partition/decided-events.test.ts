import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNative } from '../../model/columns/native-reader.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType, STRING_FIELDS } from '../../model/event.ts';
import { EventBatch, EventBatchBuilder, UNDECIDED } from '../../model/event-batch.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { DECIDED_EVENTS } from '../../storage/warehouse/schema.ts';
import { Decision } from '../campaign/decide.ts';
import { DecidedEvents } from './decided-events.ts';

const WORDS = new Uint32Array(2 * FINGERPRINT_WORDS);
const FIELDS = STRING_FIELDS.length;

function batchOf(rows: readonly (readonly (string | undefined)[])[]): EventBatch {
  const builder = new EventBatchBuilder();
  for (const [index, strings] of rows.entries()) {
    const presence = strings.reduce(
      (bits, text, field) => (text === undefined ? bits : bits | (1 << field)),
      0,
    );
    const type = index % 2 === 0 ? EventType.click : EventType.impression;
    const event = { type, occurredAt: 1_000 + index, valueMicros: 0, flags: 1, strings, presence };
    builder.addRow(event, WORDS, 0, UNDECIDED);
  }
  return new EventBatch(builder.encode());
}

test('have the strings of their batches, whichever of a batch are in the block', () => {
  const text = fc.oneof(
    fc.constantFrom('a', 'b', 'ñandú', '\u{1f3af}'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  );
  const strings = fc.array(fc.option(text, { nil: undefined, freq: 1 }), {
    minLength: FIELDS,
    maxLength: FIELDS,
  });
  const row = fc.record({ strings, isIn: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      (batches) => {
        const events = new DecidedEvents(7);
        const expected: unknown[] = [];
        for (const [index, rows] of batches.entries()) {
          const batch = batchOf(rows.map((one) => one.strings));
          for (const [number, one] of rows.entries()) {
            batch.seek(number);
            if (!one.isIn) continue;
            events.add(batch, new Decision(), index + 1, number, 0);
            expected.push([BigInt(index + 1), number, one.strings.map((string) => string ?? '')]);
          }
        }
        expect(events.length).toBe(expected.length);
        const read = readNative(DECIDED_EVENTS, events.take());
        expect(read.map((values) => [values[1], values[2], values.slice(-FIELDS)])).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('have what was decided of them', () => {
  const events = new DecidedEvents(1_023);
  // More than there is room for at first.
  const batch = batchOf(Array.from({ length: 201 }, (_, row) => [`e${row}`, 'c1']));
  const decision = new Decision();
  decision.reset(REASONS.budget_exhausted);
  decision.flags = 32;
  decision.isUnique = true;
  decision.spendMicros = 9_000_000_000_000_000;
  decision.commissionMicros = 7;
  for (let row = 0; row < 201; row++) {
    batch.seek(row);
    events.add(batch, decision, 2 ** 40, row, 1_700_000_000_123);
  }
  const rows = readNative(DECIDED_EVENTS, events.take());
  expect(rows).toHaveLength(201);
  const last = Object.fromEntries(DECIDED_EVENTS.map(({ name }, index) => [name, rows[200]?.[index]]));
  expect(last).toMatchObject({
    partition: 1_023,
    sequence: 2n ** 40n,
    row: 200,
    record_time: 1_700_000_000_123n,
    occurred_at: 1_200n,
    type: EventType.click,
    reason: REASONS.budget_exhausted,
    flags: 33,
    is_unique: 1,
    value_micros: 0n,
    spend_micros: 9_000_000_000_000_000n,
    commission_micros: 7n,
    event_id: 'e200',
    campaign_id: 'c1',
    properties: '',
  });
});
