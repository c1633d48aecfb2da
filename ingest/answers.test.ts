import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomeOf, REASONS, type ReasonCode, reasonName } from '../model/decision.ts';
import { EventType } from '../model/event.ts';
import { FIELD } from '../model/event-batch.ts';
import { resultsJson } from './answers.ts';
import { IncomingEvent } from './incoming-event.ts';

function event(eventId: string, reason: ReasonCode = REASONS.accepted): IncomingEvent {
  const one = new IncomingEvent();
  one.set(FIELD.eventId, eventId);
  one.reason = reason;
  return one;
}

describe('an answer', () => {
  test('tells of every event what was said of it, and how many of each there are', () => {
    const reasons = Object.values(REASONS);
    const answer = JSON.parse(resultsJson(reasons.map((reason) => event(`${reason}`, reason))));
    const results = reasons.map((reason) => ({
      event_id: `${reason}`,
      status: outcomeOf(reason),
      ...(reason === REASONS.accepted ? {} : { reason: reasonName(reason) }),
    }));
    const count = (outcome: string): number =>
      reasons.filter((reason) => outcomeOf(reason) === outcome).length;
    expect(answer).toEqual({
      accepted: count('accepted'),
      duplicates: count('duplicate'),
      rejected: count('rejected'),
      pending: count('pending'),
      results,
    });
  });

  test('is JSON whatever the ids and messages are', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (list) => {
        const events = list.map(([id, message]) => {
          const one = event(id);
          one.message = message;
          return one;
        });
        const { results } = JSON.parse(resultsJson(events));
        expect(
          results.map((one: { event_id: string; message: string }) => [one.event_id, one.message]),
        ).toEqual(list);
      }),
    );
  });

  test('carries the click id of a click, not the one that a conversion brought', () => {
    const [click, conversion] = [event('a'), event('b')];
    click.type = EventType.click;
    conversion.type = EventType.conversion;
    for (const one of [click, conversion]) one.set(FIELD.clickId, 'id');
    const { results } = JSON.parse(resultsJson([click, conversion]));
    expect(results.map(({ click_id }: { click_id?: string }) => click_id)).toEqual(['id', undefined]);
  });
});
