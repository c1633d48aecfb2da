import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import { type AttributionRule, USUAL_ATTRIBUTION } from '../../../model/attribution.ts';
import { attribute, type ConversionFacts, TOO_EARLY } from './attribution.ts';
import type { RememberedTouch } from './touch-memory.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const MONTH = 30 * DAY;

const touched = (partnerId: string, touchedAt: number, number = touchedAt % 1_000): RememberedTouch => ({
  partnerId,
  contentId: '',
  touchedAt,
  nonce: [number, 0],
});
const click = (partnerId: string, age: number): RememberedTouch => touched(partnerId, NOON - age, age);
const own = (partnerId: string, age: number): ConversionFacts['ownClick'] => ({
  campaignId: 'c1',
  partnerId,
  clickedAt: NOON - age,
  nonce: [age, 0],
});

/** Who gets how much of a conversion at noon, in order. */
function creditsOf(
  rule: Partial<AttributionRule>,
  clicks: readonly RememberedTouch[],
  views: readonly RememberedTouch[] = [],
  conversion: Partial<ConversionFacts> = {},
): unknown {
  const facts = { occurredAt: NOON, partnerId: '', contentId: '', ownClick: undefined, ...conversion };
  const found = attribute({ ...USUAL_ATTRIBUTION, ...rule }, MONTH, facts, { clicks, views });
  if (found === TOO_EARLY) return found;
  return found.credits.map(({ touch, sharePpm }) => `${touch.kind} ${touch.partnerId} ${sharePpm}`);
}

describe('a conversion', () => {
  const path = [click('a', 3 * DAY), click('b', 2 * DAY), click('c', DAY)];

  test('is credited to the last click unless the campaign says otherwise', () => {
    expect(creditsOf({}, path)).toEqual(['click c 1000000']);
  });

  test('is shared by the model of the campaign', () => {
    expect(creditsOf({ model: 'FIRST_CLICK' }, path)).toEqual(['click a 1000000']);
    expect(creditsOf({ model: 'LINEAR' }, path)).toEqual([
      'click a 333333',
      'click b 333333',
      'click c 333334',
    ]);
    expect(creditsOf({ model: 'POSITION_BASED' }, path)).toEqual([
      'click a 400000',
      'click b 200000',
      'click c 400000',
    ]);
    expect(creditsOf({ model: 'TIME_DECAY', halfLifeMs: DAY }, path)).toEqual([
      'click a 142857',
      'click b 285714',
      'click c 571429',
    ]);
  });

  test('is not shared by clicks after it, or before the window', () => {
    const clicks = [click('old', MONTH + 1), click('a', MONTH), touched('later', NOON + 1)];
    expect(creditsOf({ model: 'LINEAR' }, clicks)).toEqual(['click a 1000000']);
  });

  test('counts a click once, under whichever of the visitor’s keys it is remembered', () => {
    expect(creditsOf({ model: 'LINEAR' }, [...path.slice(0, 2), ...path.slice(0, 2)])).toEqual([
      'click a 500000',
      'click b 500000',
    ]);
  });

  test('is its own partner’s where it is credited to a touch of nobody', () => {
    const clicks = [click('a', 2 * DAY), click('', DAY)];
    const shared = { model: 'LINEAR' } as const;
    expect(creditsOf(shared, clicks)).toEqual(['click a 500000', 'click  500000']);
    expect(creditsOf(shared, clicks, [], { partnerId: 'b' })).toEqual(['click a 500000', 'click b 500000']);
    expect(creditsOf({}, [], [click('', 1)], { partnerId: 'b' })).toEqual(['view b 1000000']);
  });

  test('is credited to its own click, remembered or not', () => {
    expect(creditsOf({}, path, [], { ownClick: own('own', DAY / 2) })).toEqual(['click own 1000000']);
    expect(creditsOf({ model: 'LINEAR' }, [click('own', DAY)], [], { ownClick: own('own', DAY) })).toEqual([
      'click own 1000000',
    ]);
  });

  test('has its own click among those that share it, however many there are', () => {
    const clicks = Array.from({ length: 40 }, (_, n) => click(`p${n}`, (40 - n) * MINUTE));
    const model = 'LINEAR';
    const credits = creditsOf({ model }, clicks, [], { ownClick: own('own', 20 * MINUTE) }) as string[];
    expect(credits).toHaveLength(limits.firstTouchesPerVisitor + limits.lastTouchesPerVisitor);
    expect(credits.slice(0, 3)).toEqual(['click p0 100000', 'click p1 100000', 'click own 100000']);
    expect(credits.at(-1)).toBe('click p39 100000');
  });

  test('is credited to the last view within a day where there is no click', () => {
    const views = [click('a', 3 * MINUTE), click('b', MINUTE), click('c', 2 * MINUTE)];
    expect(creditsOf({}, [], views)).toEqual(['view b 1000000']);
    expect(creditsOf({ model: 'LINEAR' }, [], views)).toEqual(['view b 1000000']);
    expect(creditsOf({}, [], [click('a', DAY + 1)], { partnerId: 'x' })).toEqual(['direct x 1000000']);
    expect(creditsOf({ viewWindowMs: 0 }, [], [click('a', 0)])).toEqual(['direct  1000000']);
  });

  test('is credited to the partner that it names where there is no touch, or to nobody', () => {
    expect(creditsOf({}, [], [], { partnerId: 'x' })).toEqual(['direct x 1000000']);
    expect(creditsOf({}, [])).toEqual(['direct  1000000']);
  });

  test('has come too early if all of its clicks are nearer than the minimum, whatever was seen before', () => {
    const rule = { minimumMs: 10_000 };
    const views = [click('v', DAY)];
    expect(creditsOf(rule, [click('a', 9_999)], views)).toBe(TOO_EARLY);
    expect(creditsOf(rule, [], views, { ownClick: own('a', 9_999) })).toBe(TOO_EARLY);
    expect(creditsOf(rule, [], [], { ownClick: own('a', -5_000) })).toBe(TOO_EARLY);
    expect(creditsOf(rule, [click('a', 10_000)])).toEqual(['click a 1000000']);
    expect(creditsOf(rule, [click('a', DAY), click('b', 5)])).toEqual(['click a 1000000']);
    expect(creditsOf({}, [], [], { ownClick: own('a', -5_000) })).toEqual(['click a 1000000']);
  });
});

const anyTouch = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -DAY, max: 2 * MONTH }), fc.nat(20))
  .map(([partnerId, age, number]) => touched(partnerId, NOON - age, number));
const anyRule = fc.record({
  model: fc.constantFrom('LAST_CLICK', 'FIRST_CLICK', 'LINEAR', 'TIME_DECAY', 'POSITION_BASED'),
  halfLifeMs: fc.integer({ min: 1_000, max: 10 * DAY }),
  viewWindowMs: fc.integer({ min: 0, max: 2 * DAY }),
  minimumMs: fc.constantFrom(0, 5_000),
});
const distinct = { selector: ({ nonce }: RememberedTouch) => nonce[0], maxLength: 9 };

describe('whatever was touched', () => {
  test('a view never beats a click, however late it is', () => {
    fc.assert(
      fc.property(
        anyRule,
        fc.uniqueArray(anyTouch, { ...distinct, minLength: 1 }),
        fc.array(anyTouch),
        (rule, clicks, views) => {
          const withViews = creditsOf(rule as AttributionRule, clicks, views);
          const hasClicks = clicks.some(({ touchedAt }) => touchedAt <= NOON && NOON - touchedAt <= MONTH);
          if (hasClicks) expect(withViews).toEqual(creditsOf(rule as AttributionRule, clicks));
          else expect(JSON.stringify(withViews)).not.toContain('click');
        },
      ),
    );
  });

  test('the order in which it arrived does not matter', () => {
    fc.assert(
      fc.property(
        anyRule,
        fc.uniqueArray(anyTouch, distinct),
        fc.array(anyTouch),
        fc.infiniteStream(fc.nat()),
        (rule, clicks, views, keys) => {
          const shuffled = <T>(items: readonly T[]): T[] =>
            items
              .map((item) => [keys.next().value, item] as const)
              .sort(([a], [b]) => a - b)
              .map(([, item]) => item);
          expect(creditsOf(rule as AttributionRule, shuffled(clicks), shuffled(views))).toEqual(
            creditsOf(rule as AttributionRule, clicks, views),
          );
        },
      ),
    );
  });

  test('a conversion is credited whole', () => {
    fc.assert(
      fc.property(anyRule, fc.uniqueArray(anyTouch, { ...distinct, maxLength: 20 }), (rule, clicks) => {
        const credits = creditsOf(rule as AttributionRule, clicks);
        if (credits === TOO_EARLY) return;
        const shares = (credits as string[]).map((credit) => Number(credit.split(' ')[2]));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1_000_000);
        expect(Math.min(...shares)).toBeGreaterThan(0);
      }),
    );
  });
});
