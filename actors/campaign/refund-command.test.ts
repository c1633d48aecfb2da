import { describe, expect, it } from 'vitest';
import { encodeClickId } from '../../model/click-id.ts';
import { readNative } from '../../model/columns/native-reader.ts';
import { TableRows } from '../../model/columns/table-rows.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { AGGREGATES } from '../../storage/warehouse/schema.ts';
import type { EventInput } from '../test-support.ts';
import { NOON } from '../test-support.ts';
import { HOUR, MINUTE } from './test-campaign.ts';
import { KeptCampaign } from './test-documents.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const DAY = 24 * HOUR;
/** A brand that pays 5.00 for a conversion, of which its partner gets a tenth of what it is worth. */
const TERMS = {
  budgetTotal: usd(20_000_000),
  cost: { model: 'CPA', rate: usd(5_000_000) },
  commission: { model: 'PERCENTAGE', sharePpm: 100_000, refundsBudget: true },
} as const;

const sale = (transactionId: string, more: Partial<EventInput> = {}): EventInput => ({
  eventId: `event ${transactionId}`,
  type: EventType.conversion,
  transactionId,
  partnerId: 'ann',
  valueMicros: 20_000_000,
  currency: 'USD',
  ...more,
});
const metrics = ({ actor, time }: KeptCampaign) => actor.query('metrics', time);
const budget = ({ actor, time }: KeptCampaign) => actor.query('budget', time);

describe('a refund', () => {
  it('takes back what a conversion was worth, earned and cost, and leaves it counted', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'), sale('b'));
    const answer = await kept.refund({ transactionId: 'a', reason: 'sent back' });
    expect(answer).toEqual({
      ok: true,
      view: {
        campaignId: 'c1',
        decisionId: '7-3-0',
        occurredAt: NOON,
        refundedAt: NOON,
        currency: 'USD',
        revenueMicros: 20_000_000,
        spendMicros: 5_000_000,
        commissionMicros: 2_000_000,
        reversed: [{ partnerId: 'ann', micros: 2_000_000 }],
      },
    });
    expect(metrics(kept)).toMatchObject({
      accepted: 2,
      conversions: 2,
      revenueMicros: 20_000_000n,
      spendMicros: 5_000_000n,
      commissionMicros: 2_000_000n,
    });
  });

  it('is told, with its amounts and whose commissions are reversed', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a', { occurredAt: NOON - HOUR }));
    kept.time += DAY;
    await kept.refund({ transactionId: 'a', reason: 'sent back' });
    kept.close();
    expect(kept.events.at(-1)).toMatchObject({
      type: 'conversion.refunded',
      time: NOON + DAY,
      data: {
        decision_id: '7-3-0',
        transaction_id: 'a',
        partner_id: 'ann',
        occurred_at: new Date(NOON - HOUR).toISOString(),
        revenue: { amount: '20.00', currency: 'USD' },
        spend: { amount: '5.00', currency: 'USD' },
        commission: { amount: '2.00', currency: 'USD' },
        reversed: [
          { partner_id: 'ann', amount: { amount: '2.00' }, release_at: new Date(NOON).toISOString() },
        ],
        reason: 'sent back',
        by: 'tester',
      },
    });
  });

  it('happens once for ever, whatever was saved and restored since', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'));
    kept.close();
    await kept.restart();
    expect(await kept.refund({ transactionId: 'a' })).toMatchObject({ ok: true });
    const again = {
      ok: false,
      failure: {
        code: 'already_exists',
        message: 'the conversion of transaction a was refunded before',
        conversion: 'transaction a',
      },
    };
    expect(await kept.refund({ transactionId: 'a' })).toEqual(again);
    kept.close();
    await kept.restart();
    expect(await kept.refund({ transactionId: 'a' })).toEqual(again);
    expect(metrics(kept)).toMatchObject({ revenueMicros: 0n, spendMicros: 0n, commissionMicros: 0n });
  });

  it('gets its first answer again under its request id', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'));
    const first = await kept.refund({ transactionId: 'a' }, { requestId: 'r1' });
    expect(first.ok).toBe(true);
    expect(await kept.refund({ transactionId: 'a' }, { requestId: 'r1' })).toEqual(first);
  });

  it('does not make the transaction count again', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'));
    await kept.refund({ transactionId: 'a' });
    expect(kept.decide(sale('a', { eventId: 'other' }))).toEqual([REASONS.duplicate_transaction]);
  });

  it('finds a conversion without a transaction by its click and goal', async () => {
    const kept = await KeptCampaign.start(TERMS);
    const click = { campaignId: 'c1', partnerId: 'eva', clickedAt: NOON - HOUR, nonce: [7, 8] } as const;
    const clickId = encodeClickId(new Uint8Array(32), click);
    const { transactionId: _, ...bare } = sale('a', { clickId, goal: 'signup' });
    kept.decide(bare);
    expect(await kept.refund({ clickId })).toMatchObject({
      failure: {
        code: 'not_found',
        conversion: `click ${clickId} without a goal`,
        message: `campaign c1 has counted no conversion of click ${clickId} without a goal; one with a transaction is known by that alone`,
      },
    });
    expect(await kept.refund({ clickId, goal: 'signup' })).toMatchObject({
      ok: true,
      view: { reversed: [{ partnerId: 'eva', micros: 2_000_000 }] },
    });
  });

  it.each([
    ['nothing', {}, 'not_found'],
    ['an unknown transaction', { transactionId: 'z' }, 'not_found'],
    ['what is no click id', { clickId: 'nonsense' }, 'invalid_argument'],
    [
      'a click of another campaign',
      {
        clickId: encodeClickId(new Uint8Array(32), {
          campaignId: 'c2',
          partnerId: '',
          clickedAt: NOON,
          nonce: [1, 2],
        }),
      },
      'invalid_argument',
    ],
  ])('of %s is refused', async (_, payload, code) => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'));
    expect(await kept.refund(payload)).toMatchObject({ ok: false, failure: { code } });
    expect(metrics(kept)).toMatchObject({ revenueMicros: 20_000_000n });
  });

  it('of a conversion that was rejected, or of the reference of a reported spend, is refused', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a', { currency: 'EUR' }));
    await kept.command('record_spend', { payload: { amount: usd(1_000_000), reference: 'invoice' } });
    expect(await kept.refund({ transactionId: 'a' })).toMatchObject({ failure: { code: 'not_found' } });
    expect(await kept.refund({ transactionId: 'invoice' })).toMatchObject({ failure: { code: 'not_found' } });
  });

  it('finds conversions behind the references of reported spends', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a', { valueMicros: 1_000_000 }));
    await kept.command('record_spend', { payload: { amount: usd(1_000_000), reference: 'invoice' } });
    kept.decide(sale('b', { valueMicros: 2_000_000 }));
    kept.close();
    await kept.restart();
    expect(await kept.refund({ transactionId: 'b' })).toMatchObject({ view: { revenueMicros: 2_000_000 } });
    expect(await kept.refund({ transactionId: 'a' })).toMatchObject({ view: { revenueMicros: 1_000_000 } });
  });

  it('is taken by a campaign that is over, whose final figures stay as they were', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a'));
    await kept.command('complete');
    const { final } = kept.actor.query('campaign', NOON) ?? {};
    kept.time += 30 * DAY;
    expect(await kept.refund({ transactionId: 'a' })).toMatchObject({ ok: true });
    expect(metrics(kept)).toMatchObject({ revenueMicros: 0n });
    expect(kept.actor.query('campaign', NOON)?.final).toEqual(final);
    expect(kept.actor.dueAt()).toBeUndefined();
  });

  it('is not taken by a campaign that has never run', async () => {
    const draft = await KeptCampaign.draft(TERMS);
    expect(await draft.refund({ transactionId: 'a' })).toMatchObject({
      failure: { code: 'failed_precondition', state: 'DRAFT' },
    });
  });

  it('of a campaign that there is not is refused', async () => {
    const none = await KeptCampaign.none();
    expect(await none.refund({ transactionId: 'a' })).toMatchObject({
      failure: { code: 'not_found', message: 'there is no campaign c1' },
    });
  });
});

describe('the budget', () => {
  it('gets nothing back unless the terms of the conversion’s time say so', async () => {
    const { refundsBudget: _, ...commission } = TERMS.commission;
    const kept = await KeptCampaign.start({ ...TERMS, commission });
    kept.decide(sale('a'));
    expect(await kept.refund({ transactionId: 'a' })).toMatchObject({ view: { spendMicros: 0 } });
    expect(metrics(kept)).toMatchObject({ spendMicros: 5_000_000n, revenueMicros: 0n });
  });

  it('that was used up has room again', async () => {
    const kept = await KeptCampaign.start({ ...TERMS, budgetTotal: usd(5_000_000) });
    expect(kept.decide(sale('a'), sale('b'))).toEqual([REASONS.accepted, REASONS.budget_exhausted]);
    expect(kept.actor.takeSummary()).toMatchObject({ exhausted: true });
    await kept.refund({ transactionId: 'a' });
    expect(kept.actor.takeSummary()).toMatchObject({ exhausted: false, revision: kept.sequence });
    expect(kept.decide(sale('c'), sale('d'))).toEqual([REASONS.accepted, REASONS.budget_exhausted]);
    expect(kept.actor.takeSummary()).toMatchObject({ exhausted: true });
  });

  it('tells no threshold twice', async () => {
    const kept = await KeptCampaign.start({ ...TERMS, budgetTotal: usd(10_000_000) });
    kept.decide(sale('a'));
    await kept.refund({ transactionId: 'a' });
    kept.decide(sale('b'), sale('c'));
    kept.close();
    const told = kept.events.filter(({ type }) => type === 'budget.threshold_reached');
    expect(told.map(({ data }) => data.percent)).toEqual([50, 75, 90, 100]);
  });

  it('gets it back to the day on which it was spent', async () => {
    const kept = await KeptCampaign.start({ ...TERMS, budgetDaily: usd(10_000_000) });
    expect(kept.decide(sale('a'), sale('b'), sale('c'))).toEqual([
      REASONS.accepted,
      REASONS.accepted,
      REASONS.daily_budget_exhausted,
    ]);
    await kept.refund({ transactionId: 'a' });
    expect(kept.decide(sale('d'))).toEqual([REASONS.accepted]);
    kept.time += DAY;
    kept.decide(sale('e', { occurredAt: kept.time }));
    await kept.refund({ transactionId: 'b' });
    expect(budget(kept)).toMatchObject({
      spentMicros: 10_000_000,
      today: { spentMicros: 5_000_000 },
      days: [{ 1: 5_000_000 }, { 1: 5_000_000 }],
    });
  });

  it('gets it back to the allocation that has paid, wherever that stands now', async () => {
    const kept = await KeptCampaign.start(TERMS);
    const allocation = (name: string, partnerId: string) => ({
      name,
      amountMicros: 5_000_000,
      match: { field: 'partner_id', value: partnerId },
    });
    const allocate = (...allocations: object[]) =>
      kept.command('allocate', { payload: { currency: 'USD', allocations } });
    await allocate(allocation('first', 'ann'), allocation('second', 'ben'));
    expect(kept.decide(sale('a'), sale('b'))).toEqual([REASONS.accepted, REASONS.allocation_exhausted]);
    await allocate(allocation('second', 'ben'), allocation('first', 'ann'));
    await kept.refund({ transactionId: 'a' });
    expect(budget(kept)?.allocations.map(({ spentMicros }) => spentMicros)).toEqual([0, 0]);
    expect(kept.decide(sale('c'))).toEqual([REASONS.accepted]);
  });

  it('gets it back to what is not allocated where the allocation is gone, or is another one', async () => {
    const kept = await KeptCampaign.start(TERMS);
    const own = { name: 'own', amountMicros: 5_000_000, match: { field: 'partner_id', value: 'ann' } };
    const allocate = (...allocations: object[]) =>
      kept.command('allocate', { payload: { currency: 'USD', allocations } });
    await allocate(own);
    kept.decide(sale('a'));
    await allocate();
    await allocate(own);
    await kept.refund({ transactionId: 'a' });
    expect(budget(kept)).toMatchObject({ spentMicros: 0, allocations: [{ spentMicros: 0 }] });
  });

  it('gives caps nothing back: they count what was accepted', async () => {
    const caps = [{ metric: 'spend', period: 'total', limit: 5_000_000 }] as const;
    const kept = await KeptCampaign.start({ ...TERMS, caps });
    kept.decide(sale('a'));
    await kept.refund({ transactionId: 'a' });
    expect(kept.decide(sale('b'))).toEqual([REASONS.cap_reached]);
  });
});

describe('the aggregates', () => {
  it('take a refund back in the minute of the refund, from the partner and hour of the conversion', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a', { occurredAt: NOON - 2 * HOUR }));
    kept.actor.writeAggregates?.(new TableRows(AGGREGATES), kept.sequence);
    kept.time += 10 * MINUTE;
    await kept.refund({ transactionId: 'a' });
    const rows = new TableRows(AGGREGATES);
    kept.actor.writeAggregates?.(rows, kept.sequence);
    const counts = new Array(9).fill(0n);
    const amounts = [-20_000_000n, -5_000_000n, -2_000_000n];
    const times = [(NOON + 10 * MINUTE) / 1_000, (NOON - 2 * HOUR) / 1_000];
    expect(readNative(AGGREGATES, rows.take())).toEqual([
      ['c1', 'ann', ...times, ...counts, ...amounts, BigInt(kept.sequence)],
    ]);
  });
});

describe('accounts of partners', () => {
  it('are told once a block what each has earned, and by how many events', async () => {
    const commission = { model: 'CPC', rate: usd(10_000) } as const;
    const kept = await KeptCampaign.start({ commission });
    kept.decide(
      { eventId: 'a', partnerId: 'ann' },
      { eventId: 'b', partnerId: 'ben' },
      { eventId: 'c', partnerId: 'ann' },
      { eventId: 'd' },
    );
    kept.close();
    kept.close();
    const assigned = (micros: string, clicks: number) => [
      { releaseAt: NOON, micros, clicks, conversions: 0, impressions: 0 },
    ];
    expect(kept.told).toEqual([
      { partnerId: 'ann', campaignId: 'c1', currency: 'USD', assigned: assigned('20000', 2), reversed: [] },
      { partnerId: 'ben', campaignId: 'c1', currency: 'USD', assigned: assigned('10000', 1), reversed: [] },
    ]);
  });

  it('are told of a reversal exactly what was earned, and when it is released', async () => {
    const kept = await KeptCampaign.start(TERMS);
    kept.decide(sale('a', { valueMicros: 33_333_333 }));
    kept.close();
    kept.time += 3 * DAY;
    await kept.refund({ transactionId: 'a', reason: 'sent back' });
    kept.close();
    expect(kept.told[1]).toEqual({
      partnerId: 'ann',
      campaignId: 'c1',
      currency: 'USD',
      assigned: [],
      reversed: [{ releaseAt: NOON, micros: '3333333', decisionId: '7-3-0', reason: 'sent back' }],
    });
  });
});
