import { describe, expect, test } from 'vitest';
import { AgentPicker } from './agents.ts';
import type { PlannedEvent } from './plan.ts';
import { SeededRandom } from './random.ts';
import { RequestSource, type TrafficRequest } from './request-source.ts';

function planned(eventId: string, more: Partial<PlannedEvent> = {}): PlannedEvent {
  return {
    eventId,
    campaign: 0,
    type: 'impression',
    channel: 'batch',
    repeat: 'none',
    valueMicros: 0,
    content: `{"event_id":"${eventId}"`,
    conversion: undefined,
    ...more,
  };
}

function sourceOf(events: readonly PlannedEvent[], batchSize = 3): RequestSource {
  const left = [...events];
  return new RequestSource({
    plan: { next: () => left.shift() },
    agents: new AgentPicker(0),
    random: new SeededRandom(1),
    batchSize,
  });
}

function all(source: RequestSource): TrafficRequest[] {
  const requests: TrafficRequest[] = [];
  for (let request = source.next(); request !== undefined; request = source.next()) requests.push(request);
  return requests;
}

const bodies = (requests: readonly TrafficRequest[]): unknown[] =>
  requests.map(({ http }) => JSON.parse(http.body ?? 'null') as unknown);

describe('RequestSource', () => {
  test('fills batches and sends what is left at the end', () => {
    const requests = all(sourceOf(['a', 'b', 'c', 'd'].map((id) => planned(id))));
    expect(bodies(requests)).toEqual([
      [{ event_id: 'a' }, { event_id: 'b' }, { event_id: 'c' }],
      [{ event_id: 'd' }],
    ]);
  });

  test('sends pixels, redirects and single events on their own', () => {
    const requests = all(
      sourceOf([
        planned('a', { channel: 'pixel', content: '/p.gif?id=a' }),
        planned('b', { channel: 'redirect', content: '/c/x?id=b' }),
        planned('c', { channel: 'single' }),
      ]),
    );
    expect(requests.map(({ http }) => [http.method, http.path, http.body])).toEqual([
      ['GET', '/p.gif?id=a', undefined],
      ['GET', '/c/x?id=b', undefined],
      ['POST', '/v1/events', '{"event_id":"c"}'],
    ]);
  });

  test('puts a repeat beside its first sending', () => {
    const requests = all(sourceOf([planned('a', { repeat: 'beside' }), planned('b')]));
    expect(requests[0]?.events.map(({ planned, isRepeat }) => [planned.eventId, isRepeat])).toEqual([
      ['a', false],
      ['a', true],
      ['b', false],
    ]);
  });

  test('sends a later repeat after its delay, as it was', () => {
    const events = [planned('a', { repeat: 'later' }), ...'bcdefghij'.split('').map((id) => planned(id))];
    const ids = all(sourceOf(events)).flatMap(({ events }) => events.map(({ planned }) => planned.eventId));
    expect(ids.join('')).toBe('abcdefgahij');
  });

  test('sends a conversion with the click id once its click is answered', () => {
    const conversion = planned('k', { type: 'conversion' });
    const click = planned('c', { type: 'click', conversion });
    const source = sourceOf([click]);
    expect(bodies(all(source))).toEqual([[{ event_id: 'c' }]]);
    expect(source.hasMore).toBe(false);
    source.clickAnswered(click, 'click-1');
    expect(source.hasMore).toBe(true);
    expect(bodies(all(source))).toEqual([[{ event_id: 'k', click_id: 'click-1' }]]);
  });

  test('sends a conversion without a click id if the answer had none', () => {
    const click = planned('c', { type: 'click', conversion: planned('k', { type: 'conversion' }) });
    const source = sourceOf([click]);
    all(source);
    source.clickAnswered(click, undefined);
    expect(bodies(all(source))).toEqual([[{ event_id: 'k' }]]);
  });

  test('gives nothing more once it is stopped', () => {
    const source = sourceOf([planned('a', { repeat: 'later' }), planned('b')], 1);
    source.next();
    source.stop();
    expect(source.next()).toBeUndefined();
    expect(source.hasMore).toBe(false);
  });
});
