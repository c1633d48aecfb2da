import { describe, expect, it } from 'vitest';
import type { CampaignDefinition } from '../../../model/campaign.ts';
import { command, definition, NOON } from '../../test-support.ts';
import { campaign, decideAll, HOUR } from '../test-campaign.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const FEE: Partial<CampaignDefinition> = { cost: { model: 'FIXED', rate: usd(60_000_000) } };

describe('a campaign with a fixed fee', () => {
  it('pays it once, when it first runs, and nothing for its events', async () => {
    const actor = await campaign(FEE, false);
    expect(actor.query('metrics', NOON)).toMatchObject({ spendMicros: 0n });
    actor.command(command('activate'), NOON, 2);
    decideAll(actor, [{ eventId: 'a' }, { eventId: 'b' }]);
    actor.command(command('pause'), NOON, 4);
    actor.command(command('resume'), NOON, 5);
    expect(actor.query('metrics', NOON)).toMatchObject({ spendMicros: 60_000_000n, clicks: 2 });
    expect(actor.takeDomainEvents().map(({ type }) => type)).toEqual([
      'campaign.created',
      'budget.created',
      'campaign.activated',
      'budget.spend_recorded',
      'budget.threshold_reached',
      'campaign.paused',
      'campaign.resumed',
    ]);
  });

  it('pays it when it begins by itself, also if it ends in the same moment', async () => {
    const times = { startsAt: NOON + HOUR, endsAt: NOON + 2 * HOUR };
    const actor = await campaign({ ...FEE, ...times }, false);
    actor.command(command('schedule'), NOON, 2);
    actor.onTime(NOON + 3 * HOUR, 3);
    expect(actor.query('campaign', NOON)).toMatchObject({ status: 'COMPLETED' });
    expect(actor.query('campaign', NOON)?.final?.totals[10]).toBe('60000000');
  });

  it('cannot be launched where something has too little left for it', async () => {
    const actor = await campaign({ ...FEE, budgetDaily: usd(50_000_000) }, false);
    expect(actor.command(command('activate'), NOON, 2)).toMatchObject({
      ok: false,
      failure: {
        state: 'DRAFT',
        violations: [
          { field: 'cost.rate', description: "must be at most what the day's budget has left, 50.00" },
        ],
      },
    });
  });

  it('is paused where there is too little left at its begin, and pays once there is enough', async () => {
    const actor = await campaign({ ...FEE, startsAt: NOON + HOUR }, false);
    actor.command(command('schedule'), NOON, 2);
    actor.command(command('record_spend', { payload: { amount: usd(50_000_000) } }), NOON, 3);
    actor.onTime(NOON + HOUR, 4);
    expect(actor.query('campaign', NOON)).toMatchObject({
      status: 'PAUSED',
      statusReason: 'the fee exceeds the budget',
    });
    expect(actor.command(command('resume'), NOON + HOUR, 5)).toMatchObject({ ok: false });
    const payload = definition({ ...FEE, startsAt: NOON + HOUR, budgetTotal: usd(110_000_000) });
    actor.command(command('update', { payload }), NOON + HOUR, 6);
    expect(actor.command(command('resume'), NOON + HOUR, 7)).toMatchObject({ ok: true });
    expect(actor.query('metrics', NOON)).toMatchObject({ spendMicros: 110_000_000n });
  });
});
