import { describe, expect, test } from 'vitest';
import type { CampaignSpec } from './campaign-spec.ts';
import type { Account } from './ledger.ts';
import type { Figures } from './management-client.ts';
import { compare } from './verify.ts';

const SPEC: CampaignSpec = {
  campaignId: 'c',
  name: 'C',
  costModel: 'CPC',
  currency: 'USD',
  rateMicros: 250_000,
  budgetMicros: 9e15,
  tightClicks: undefined,
};

const account = (more: Partial<Account> = {}): Account => ({
  spec: SPEC,
  unique: 11,
  repeats: 2,
  resends: 0,
  impressions: 6,
  clicks: 4,
  conversions: 1,
  revenueMicros: 19_990_000n,
  spendMicros: 1_000_000n,
  refused: 0,
  ...more,
});

const figures = (more: Partial<Figures> = {}): Figures => ({
  received: 13n,
  accepted: 11n,
  duplicates: 2n,
  rejected: 0n,
  pending: 0n,
  impressions: 6n,
  clicks: 4n,
  conversions: 1n,
  revenueMicros: 19_990_000n,
  spendMicros: 1_000_000n,
  currency: 'USD',
  ...more,
});

describe('compare', () => {
  test('finds nothing where all is exact', () => {
    expect(compare(account(), figures(), figures())).toMatchObject({
      differences: [],
      liveExact: true,
      warehouseExact: true,
    });
  });

  test.each<[string, Partial<Figures>]>([
    ['c: live: 10 accepted, expected 11', { accepted: 10n, received: 12n }],
    ['c: live: 3 duplicates, expected 2', { duplicates: 3n, received: 14n }],
    ['c: live: 1 rejected, expected 0', { rejected: 1n, received: 14n }],
    ['c: live: 1 pending, expected 0', { pending: 1n, received: 14n }],
    ['c: live: 5 impressions, expected 6', { impressions: 5n }],
    ['c: live: 2 conversions, expected 1', { conversions: 2n }],
    ['c: live: 14 received (the sum of all decisions), expected 13', { received: 14n }],
    ['c: live: revenue 19.990001 USD, expected 19.99', { revenueMicros: 19_990_001n }],
    ['c: live: spend 0.75 USD, expected 1.00', { spendMicros: 750_000n }],
    ['c: live: amounts in EUR, not USD', { currency: 'EUR' }],
  ])('finds %s', (difference, wrong) => {
    expect(compare(account(), figures(wrong), figures()).differences).toContain(difference);
  });

  test('tells the warehouse from the actor', () => {
    expect(compare(account(), figures(), figures({ clicks: 5n }))).toMatchObject({
      differences: ['c: warehouse: 5 clicks, expected 4'],
      liveExact: true,
      warehouseExact: false,
    });
  });

  test('allows as many more duplicates as events were sent again', () => {
    const more = (duplicates: bigint): Figures => figures({ duplicates, received: 11n + duplicates });
    const resent = account({ resends: 3 });
    expect(compare(resent, more(5n), more(5n)).differences).toEqual([]);
    expect(compare(resent, more(6n), more(6n)).differences).toContain(
      'c: live: 6 duplicates, expected 2 to 5',
    );
    expect(compare(resent, more(4n), more(5n)).differences).toEqual([
      'c: warehouse: 5 duplicates, but 4 live',
    ]);
  });

  test('expects exactly the clicks that a tight budget has room for', () => {
    const tight = account({
      spec: { ...SPEC, tightClicks: 3 },
      unique: 5,
      impressions: 0,
      clicks: 5,
      conversions: 0,
      revenueMicros: 0n,
    });
    const exact = figures({
      ...{ received: 7n, accepted: 3n, pending: 2n, impressions: 0n, clicks: 3n, conversions: 0n },
      ...{ revenueMicros: 0n, spendMicros: 750_000n },
    });
    expect(compare(tight, exact, exact).differences).toEqual([]);
    const over = { ...exact, accepted: 4n, pending: 1n, clicks: 4n, spendMicros: 1_000_000n };
    expect(compare(tight, over, exact).differences).toEqual([
      'c: live: 4 accepted, expected 3',
      'c: live: 1 pending, expected 2',
      'c: live: 4 clicks, expected 3',
      'c: live: spend 1.00 USD, expected 0.75',
    ]);
  });
});
