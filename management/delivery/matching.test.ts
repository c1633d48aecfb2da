import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOMAIN_EVENT_TYPES } from '../../model/domain-event.ts';
import { EVENT_TYPE_PATTERN, isWanted, matchesType } from './matching.ts';

describe('a pattern of event types', () => {
  test.each([
    ['campaign.paused', 'campaign.paused', true],
    ['campaign.paused', 'campaign.paused_again', false],
    ['campaign.*', 'campaign.paused', true],
    ['campaign.*', 'campaigns.paused', false],
    ['campaign.*', 'campaign', false],
    ['*', 'budget.exhausted', true],
  ])('%s stands for %s: %s', (pattern, type, expected) => {
    expect(matchesType(pattern, type)).toBe(expected);
  });

  test('may be any type there is, and the beginning of any', () => {
    const pattern = new RegExp(EVENT_TYPE_PATTERN);
    for (const type of DOMAIN_EVENT_TYPES) {
      const family = `${type.split('.')[0]}.*`;
      expect([type, family].every((text) => pattern.test(text) && matchesType(text, type))).toBe(true);
    }
    expect(['', '.', 'a.', '.*', 'a*', 'A.b', '*.a', 'a.*.b'].filter((text) => pattern.test(text))).toEqual(
      [],
    );
  });
});

describe('a webhook', () => {
  const event = { type: 'campaign.paused', subject: 'summer' };

  test('that names nothing wants everything', () => {
    expect(isWanted({ eventTypes: [], subjects: [] }, event)).toBe(true);
  });

  test('wants what fits one of its types and one of its subjects', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (fitsType, fitsSubject) => {
        const eventTypes = ['budget.*', fitsType ? 'campaign.*' : 'campaign.resumed'];
        const subjects = ['winter', fitsSubject ? 'summer' : 'summe'];
        expect(isWanted({ eventTypes, subjects }, event)).toBe(fitsType && fitsSubject);
      }),
    );
  });
});
