import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartnerCampaigns } from '../../model/partner.ts';
import { NOON } from '../test-support.ts';
import { fieldsOf, grantOf, TestPartner, usd } from './test-partner.ts';

describe('the slots of a partner', () => {
  it('are as many as it may run campaigns at the same time', async () => {
    const partner = await TestPartner.registered({ limits: { maxActiveCampaigns: 2 } });
    expect([partner.take('a').ok, partner.take('b').ok]).toEqual([true, true]);
    const refused = partner.take('c');
    expect(fieldsOf(refused)).toEqual(['partner.max_active_campaigns']);
    expect(partner.running).toEqual(['a', 'b']);
  });

  it('are taken once, however often a campaign asks', async () => {
    const partner = await TestPartner.registered({ limits: { maxActiveCampaigns: 1 } });
    const first = grantOf(partner.take('a'));
    expect(grantOf(partner.take('a'))).toBeGreaterThan(first);
    expect(partner.running).toEqual(['a']);
  });

  it('are given back by their latest grant only', async () => {
    const partner = await TestPartner.registered({ limits: { maxActiveCampaigns: 1 } });
    const stale = grantOf(partner.take('a'));
    const latest = grantOf(partner.take('a'));
    partner.do('settle_slot', { campaignId: 'a', grant: stale, isRunning: false });
    expect(partner.running).toEqual(['a']);
    partner.do('settle_slot', { campaignId: 'a', grant: latest, isRunning: false });
    expect(partner.running).toEqual([]);
    expect(partner.take('b').ok).toBe(true);
  });

  it('hold together what their campaigns may spend in a month', async () => {
    const partner = await TestPartner.registered({ limits: { monthlyBudget: usd(100) } });
    const grant = grantOf(partner.take('a', 60));
    expect(fieldsOf(partner.take('b', 41))).toEqual(['partner.monthly_budget_limit']);
    expect(partner.take('b', 40).ok).toBe(true);
    partner.do('settle_slot', { campaignId: 'a', grant, isRunning: true, monthly: usd(50) });
    expect(partner.take('c', 11).ok).toBe(false);
    expect(partner.take('c', 10).ok).toBe(true);
  });

  it('are for partners that may run campaigns', async () => {
    const permissions = { campaignCreation: false, advancedTargeting: false };
    expect(fieldsOf((await TestPartner.registered({ permissions })).take('a'))).toEqual(['partner_id']);
    expect(fieldsOf((await TestPartner.registered({ status: 'SUSPENDED' })).take('a'))).toEqual([
      'partner_id',
    ]);
  });

  it('are for campaigns that keep to the daily limit and to what targeting is granted', async () => {
    const partner = await TestPartner.registered({ limits: { dailyBudget: usd(10) } });
    const take = (terms: object) => fieldsOf(partner.do('take_slot', { campaignId: 'a', terms }));
    expect(take({ isAdvanced: true })).toEqual(['targeting', 'budget.daily']);
    expect(take({ isAdvanced: false, daily: usd(11) })).toEqual(['budget.daily']);
    expect(take({ isAdvanced: false, daily: usd(10), monthly: { micros: 1, currency: 'COP' } })).toEqual([
      'budget.total.currency',
    ]);
    expect(take({ isAdvanced: false, daily: usd(10) })).toEqual([]);
  });

  type Step =
    | { readonly kind: 'take'; readonly campaign: number; readonly monthly: number }
    | {
        readonly kind: 'settle';
        readonly campaign: number;
        readonly back: number;
        readonly isRunning: boolean;
      }
    | { readonly kind: 'limit'; readonly max: number; readonly monthly: number };

  const steps = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('take' as const),
          campaign: fc.nat(7),
          monthly: fc.nat(60),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('settle' as const),
          campaign: fc.nat(7),
          back: fc.nat(2),
          isRunning: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('limit' as const),
          max: fc.integer({ min: 1, max: 6 }),
          monthly: fc.nat(200),
        }),
      },
    ),
    { maxLength: 60 },
  );

  it('never let in more than there is room for, and a replay gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan: readonly Step[]) => {
        const [partner, replay] = [await TestPartner.create(), await TestPartner.create()];
        for (const one of [partner, replay]) run(one, plan, one === partner);
        expect(Buffer.from(replay.saved()).toString()).toBe(Buffer.from(partner.saved()).toString());
        const restored = await TestPartner.create(partner.saved());
        expect(restored.view).toEqual(partner.view);
        expect(restored.running).toEqual(partner.running);
      }),
      { numRuns: 200 },
    );
  });

  function run(partner: TestPartner, plan: readonly Step[], check: boolean): void {
    let [max, monthly] = [3, 100];
    const definition = () => ({
      name: 'Ana',
      kind: 'AFFILIATE',
      status: 'ACTIVE',
      permissions: { campaignCreation: true, advancedTargeting: false },
      limits: { monthlyBudget: usd(monthly), maxActiveCampaigns: max },
    });
    const grants = new Map<string, number[]>();
    partner.do('register', definition());
    for (const step of plan) {
      const before = slotsOf(partner);
      switch (step.kind) {
        case 'take': {
          const campaignId = `c${step.campaign}`;
          const answer = partner.take(campaignId, step.monthly);
          const after = slotsOf(partner);
          if (check && !answer.ok) expect(after).toEqual(before);
          if (check && answer.ok) {
            expect(after.length).toBeLessThanOrEqual(Math.max(max, before.length));
            expect(new Set(after.map((slot) => slot.campaignId)).size).toBe(after.length);
            const sum = after.reduce((total, slot) => total + (slot.monthly?.micros ?? 0), 0);
            expect(sum).toBeLessThanOrEqual(monthly * 1_000_000);
          }
          if (answer.ok) grants.set(campaignId, [...(grants.get(campaignId) ?? []), grantOf(answer)]);
          break;
        }
        case 'settle': {
          const campaignId = `c${step.campaign}`;
          const grant = grants.get(campaignId)?.at(-1 - step.back);
          if (grant === undefined) break;
          partner.do('settle_slot', { campaignId, grant, isRunning: step.isRunning, monthly: usd(1) });
          const held = before.find((slot) => slot.campaignId === campaignId);
          if (check && held && held.grant > grant) expect(slotsOf(partner)).toEqual(before);
          break;
        }
        case 'limit':
          max = step.max;
          monthly = step.monthly;
          partner.do('update', definition());
          break;
      }
    }
  }

  function slotsOf(partner: TestPartner): PartnerCampaigns['slots'] {
    return partner.actor.query('partner_campaigns', NOON)?.slots ?? [];
  }
});
