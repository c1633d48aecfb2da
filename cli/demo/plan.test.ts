import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MICROS, minorDigits } from '../../model/money.ts';
import { type CampaignSpec, campaignSpecs } from './campaign-spec.ts';
import { clicksOnTightBudget, type PlannedEvent, type PlanOptions, TrafficPlan } from './plan.ts';

const SHARES = { single: 0.01, pixel: 0.01, redirect: 0.01 };

function planOptions(more: Partial<PlanOptions> = {}): PlanOptions {
  return {
    run: 'r',
    seed: 1,
    campaigns: campaignSpecs('r', 5, undefined),
    unique: 1_000,
    repeats: 50,
    shares: SHARES,
    ...more,
  };
}

/** All events of a plan, conversions after their clicks. */
function eventsOf(options: PlanOptions): PlannedEvent[] {
  const plan = new TrafficPlan(options);
  const events: PlannedEvent[] = [];
  for (let event = plan.next(); event !== undefined; event = plan.next()) {
    events.push(event);
    if (event.conversion) events.push(event.conversion);
  }
  return events;
}

describe('TrafficPlan', () => {
  test('is the same for the same seed', () => {
    expect(eventsOf(planOptions())).toEqual(eventsOf(planOptions()));
  });

  test('is another one for another seed', () => {
    expect(eventsOf(planOptions({ seed: 2 }))).not.toEqual(eventsOf(planOptions()));
  });

  test('has exactly as many events, repeats and tight clicks as asked for, each id once', () => {
    const sizes = fc.record({
      seed: fc.nat(),
      unique: fc.integer({ min: 20, max: 600 }),
      repeatShare: fc.double({ min: 0, max: 1, noNaN: true }),
      tightClicks: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(sizes, ({ seed, unique, repeatShare, tightClicks }) => {
        const campaigns = campaignSpecs('r', 3, tightClicks);
        const repeats = Math.round(unique * repeatShare);
        const events = eventsOf(planOptions({ seed, campaigns, unique, repeats }));
        expect(events).toHaveLength(unique);
        expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(unique);
        expect(events.filter(({ repeat }) => repeat !== 'none')).toHaveLength(repeats);
        if (tightClicks === undefined) return;
        const tight = events.filter(({ campaign }) => campaign === 3);
        expect(tight).toHaveLength(clicksOnTightBudget(tightClicks));
        expect(tight.every(({ type }) => type === 'click')).toBe(true);
      }),
    );
  });

  test('sends the popular campaigns most of the traffic', () => {
    const events = eventsOf(planOptions({ unique: 20_000 }));
    const counts = [0, 1, 2, 3, 4].map((index) => events.filter(({ campaign }) => campaign === index).length);
    expect(counts).toEqual([...counts].sort((left, right) => right - left));
    expect((counts[0] as number) / (counts[4] as number)).toBeGreaterThan(4);
  });

  test('keeps to the shares of the channels', () => {
    const shares = { single: 0.05, pixel: 0.1, redirect: 0.03 };
    const events = eventsOf(planOptions({ unique: 40_000, shares }));
    const share = (channel: string): number =>
      events.filter((event) => event.channel === channel).length / events.length;
    expect(share('single')).toBeCloseTo(0.05, 2);
    expect(share('pixel')).toBeCloseTo(0.1, 2);
    expect(share('redirect')).toBeCloseTo(0.03, 2);
  });

  test('writes every event as valid JSON or as a path', () => {
    for (const { channel, content, eventId } of eventsOf(planOptions())) {
      if (channel === 'pixel') expect(content).toMatch(/^\/p\.gif\?e=impression&c=demo-r-0\d&id=r-/);
      else if (channel === 'redirect') expect(content).toMatch(/^\/c\/demo-r-0\d\?id=r-/);
      else expect(JSON.parse(`${content}}`)).toMatchObject({ event_id: eventId });
    }
  });

  test('gives conversions values in whole minor units, spelled as they are', () => {
    const campaigns = campaignSpecs('r', 18, undefined);
    const events = eventsOf(planOptions({ campaigns, unique: 20_000 }));
    const conversions = events.filter(({ type }) => type === 'conversion');
    expect(conversions.length).toBeGreaterThan(300);
    for (const { campaign, valueMicros, content } of conversions) {
      const { currency } = campaigns[campaign] as CampaignSpec;
      const body = JSON.parse(`${content}}`) as { readonly value: unknown; readonly currency: string };
      expect(body.currency).toBe(currency);
      expect(Math.round(Number(body.value) * MICROS)).toBe(valueMicros);
      expect(valueMicros % (MICROS / 10 ** minorDigits(currency))).toBe(0);
    }
  });
});

describe('campaignSpecs', () => {
  test('covers every cost model and several currencies, with prices that divide into micros', () => {
    const specs = campaignSpecs('r', 20, undefined);
    expect(new Set(specs.map(({ costModel }) => costModel))).toEqual(new Set(['CPC', 'CPM', 'CPA']));
    expect(new Set(specs.map(({ currency }) => currency)).size).toBeGreaterThanOrEqual(4);
    for (const { costModel, rateMicros } of specs) {
      expect(Number.isSafeInteger(rateMicros)).toBe(true);
      if (costModel === 'CPM') expect(rateMicros % 1_000).toBe(0);
    }
  });

  test('gives the tight campaign room for exactly its clicks', () => {
    const tight = campaignSpecs('r', 2, 100).at(-1) as CampaignSpec;
    expect(tight).toMatchObject({ costModel: 'CPC', tightClicks: 100, budgetMicros: tight.rateMicros * 100 });
  });
});
