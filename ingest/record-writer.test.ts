import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { REASONS } from '../model/decision.ts';
import { EventBatch, FIELD } from '../model/event-batch.ts';
import { IncomingEvent } from './incoming-event.ts';
import { RecordWriter } from './record-writer.ts';
import { campaign } from './test-support.ts';
import { WaitingBatch } from './waiting-batch.ts';

const SECRETS = { fingerprintKey: { k0: 1, k1: 2 }, clickSecret: Buffer.alloc(32) };

function batchOf(count: number, goal: (index: number) => string): WaitingBatch {
  const batch = new WaitingBatch();
  for (let i = 0; i < count; i++) {
    const event = new IncomingEvent();
    event.campaign = campaign();
    event.set(FIELD.eventId, `event ${i}`);
    event.set(FIELD.campaignId, 'spring');
    event.set(FIELD.sub1, goal(i));
    batch.add(event, SECRETS, 0);
  }
  return batch;
}

/** The ids of all records, in order, and the sizes of the records. */
function writeAll(batch: WaitingBatch): { ids: (string | undefined)[][]; bytes: number[] } {
  const writer = new RecordWriter();
  const ids: (string | undefined)[][] = [];
  const bytes: number[] = [];
  for (let start = 0; start < batch.events.length; ) {
    const { data, end } = writer.write(batch, start);
    const read = new EventBatch(data);
    bytes.push(data.byteLength);
    ids.push(
      Array.from({ length: read.rows }, (_, row) => {
        read.seek(row);
        return read.string(FIELD.eventId);
      }),
    );
    start = end;
  }
  return { ids, bytes };
}

const all = (count: number): string[] => Array.from({ length: count }, (_, i) => `event ${i}`);

describe('a record', () => {
  test('holds all events that fit into it', () => {
    const { ids, bytes } = writeAll(batchOf(limits.eventsPerRecord, () => 'x'));
    expect(bytes).toHaveLength(1);
    expect(ids.flat()).toEqual(all(limits.eventsPerRecord));
  });

  test('is followed by another where they do not', () => {
    const { ids, bytes } = writeAll(batchOf(2_000, (i) => `${i}`.padEnd(600, 'x')));
    expect(bytes.length).toBe(2);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(limits.recordBytes);
    expect(ids.flat()).toEqual(all(2_000));
  });

  test('is within its bound whatever the text', () => {
    const { ids, bytes } = writeAll(batchOf(2_000, (i) => `${i}`.padEnd(600, '漢')));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(limits.recordBytes);
    expect(ids.flat()).toEqual(all(2_000));
  });

  test('counts what the filter has stopped, and numbers the rest', () => {
    const batch = batchOf(4, () => 'x');
    for (const index of [0, 2]) (batch.events[index] as IncomingEvent).reason = REASONS.duplicate_event;
    const { data } = new RecordWriter().write(batch, 0);
    const read = new EventBatch(data);
    expect([...read.stopped()]).toEqual([
      { campaignId: 'spring', partnerId: undefined, type: 1, reason: REASONS.duplicate_event, count: 2 },
    ]);
    expect(batch.events.map(({ row }) => row)).toEqual([-1, 0, -1, 1]);
  });
});
