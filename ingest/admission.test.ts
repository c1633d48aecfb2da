import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD } from '../model/event-batch.ts';
import { cutText } from './admission.ts';
import { mintEventId } from './event-id.ts';
import { IncomingEvent } from './incoming-event.ts';
import { isRobot } from './robots.ts';
import { visitorInWindow, visitorOf } from './visitor.ts';

test('a text is cut between characters', () => {
  expect(cutText('abc', 3)).toBe('abc');
  expect(cutText('abc', 2)).toBe('ab');
  expect(cutText('a😀', 2)).toBe('a');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (text, length) => {
      const cut = cutText(text, length);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(cut.isWellFormed()).toBe(true);
      expect(text.startsWith(cut)).toBe(true);
    }),
  );
});

test('minted event ids are UUIDv7, in order of time and never the same', () => {
  const ids = Array.from({ length: 2_000 }, mintEventId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const times = ids.map((id) => id.slice(0, 13));
  expect([...times].sort()).toEqual(times);
});

test('robots are told from browsers, however many agents there are', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  for (let i = 0; i < 20_000; i++) isRobot(`${firefox} ${i}`);
  expect(isRobot(firefox)).toBe(false);
  expect(isRobot('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')).toBe(true);
  expect(isRobot('')).toBe(false);
});

describe('a visitor', () => {
  const event = (strings: Partial<Record<'anonymousId' | 'userId', string>>): IncomingEvent => {
    const one = new IncomingEvent();
    one.set(FIELD.eventId, 'event');
    for (const [name, text] of Object.entries(strings)) one.set(FIELD[name as keyof typeof strings], text);
    return one;
  };

  test('is who the campaign’s rule says', () => {
    const known = event({ anonymousId: 'cookie', userId: 'user' });
    expect(visitorOf('address', known, '1.2.3.4', 'agent')).toBe('1.2.3.4');
    expect(visitorOf('address_agent', known, '1.2.3.4', 'agent')).toBe('1.2.3.4\nagent');
    expect(visitorOf('none', known, '1.2.3.4', 'agent')).toBe('1.2.3.4\nagent');
    expect(visitorOf('cookie', known, '1.2.3.4', 'agent')).toBe('cookie');
    expect(visitorOf('cookie', event({ userId: 'user' }), '1.2.3.4', 'agent')).toBe('user');
    expect(visitorOf('cookie', event({}), '1.2.3.4', 'agent')).toBe('1.2.3.4\nagent');
  });

  test('whose address is not known is nobody’s repeat', () => {
    for (const rule of ['address', 'address_agent', 'cookie', 'none'] as const)
      expect(visitorOf(rule, event({}), undefined, '')).toBe('event');
  });

  test('is another in each window', () => {
    const window = (now: number): string => visitorInWindow('x', 1_000, now);
    expect(window(1_000)).toBe(window(1_999));
    expect(window(1_000)).not.toBe(window(999));
    expect(visitorInWindow('x', 0, 5)).toBe(visitorInWindow('x', 0, 5));
  });
});
