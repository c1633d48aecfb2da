import { expect, test } from 'vitest';
import { eventsRecord } from '../../../actors/test-support.ts';
import { REASONS } from '../../../model/decision.ts';
import { EventType } from '../../../model/event.ts';
import { TICK_RECORD } from '../../../model/record.ts';
import { readEvents } from './record-reader.ts';

test('the oracle reads what the system has written', () => {
  const record = eventsRecord(
    [
      { eventId: 'a', partnerId: 'p', type: EventType.click },
      { eventId: 'b', campaignId: 'ñandú', type: EventType.conversion, transactionId: 't' },
      { eventId: 'c', type: EventType.impression, verdict: REASONS.late },
    ],
    [
      ['c1', REASONS.duplicate_event],
      ['c1', REASONS.duplicate_event],
      ['c2', REASONS.repeat_visitor],
    ],
  );
  expect(readEvents(record)).toEqual({
    rows: [
      { eventId: 'a', campaignId: 'c1', verdict: 0, type: 2 },
      { eventId: 'b', campaignId: 'ñandú', verdict: 0, type: 3 },
      { eventId: 'c', campaignId: 'c1', verdict: 303, type: 1 },
    ],
    stopped: [
      { campaignId: 'c1', reason: 200, count: 2 },
      { campaignId: 'c2', reason: 210, count: 1 },
    ],
  });
});

test('the oracle sees no events in other records', () => {
  expect(readEvents(TICK_RECORD)).toBeUndefined();
});
