import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { NOON } from '../test-support.ts';
import { partnerDefinition, TestPartner, usd } from './test-partner.ts';

const HOUR = 3_600_000;
const types = (partner: TestPartner) => partner.events.map(({ type }) => type);

describe('a partner', () => {
  it('is registered once', async () => {
    const partner = await TestPartner.registered();
    expect(partner.do('register', partnerDefinition())).toMatchObject({
      failure: { code: 'already_exists' },
    });
    expect(partner.view).toMatchObject({ name: 'Ana', validationStatus: 'NOT_VALIDATED', etag: '1' });
    expect(types(partner)).toEqual(['partner.registered']);
  });

  it('answers a repeated command as it did first', async () => {
    const partner = await TestPartner.create();
    const first = partner.do('register', partnerDefinition(), { requestId: 'r1' });
    partner.do('update', partnerDefinition({ name: 'Bea' }));
    expect(partner.do('register', partnerDefinition(), { requestId: 'r1' })).toEqual(first);
    expect(partner.do('update', {}, { requestId: 'r1' })).toMatchObject({
      failure: { code: 'invalid_argument' },
    });
  });

  it('is changed under its etag, and tells what has changed', async () => {
    const partner = await TestPartner.registered();
    partner.do('update', partnerDefinition({ limits: { dailyBudget: usd(5) } }), { etag: '1' });
    expect(partner.do('update', partnerDefinition(), { etag: '1' })).toMatchObject({
      failure: { code: 'aborted' },
    });
    expect(partner.events.at(-1)).toMatchObject({
      id: 'partner:p1-2-0',
      type: 'partner.updated',
      actorKind: 'partner',
      data: { changed: ['limits'], limits: { daily_budget_limit: { amount: '5.00', currency: 'USD' } } },
    });
    expect(partner.do('update', partnerDefinition({ limits: { dailyBudget: usd(5) } })).ok).toBe(true);
    expect(partner.view.etag).toBe('2');
  });

  it('tells its account when it is suspended, and when it no longer is', async () => {
    const partner = await TestPartner.registered();
    partner.do('update', partnerDefinition({ name: 'Bea' }));
    expect(partner.actor.takeMessages()).toEqual([]);
    for (const status of ['SUSPENDED', 'SUSPENDED', 'ACTIVE'] as const)
      partner.do('update', partnerDefinition({ status }));
    expect(partner.actor.takeMessages()).toEqual(
      [true, false].map((isSuspended) => ({
        actorKind: 'account',
        actorId: 'p1',
        name: 'standing',
        payload: { isSuspended },
      })),
    );
    expect(partner.actor.takeMessages()).toEqual([]);
  });

  it('is associated with a campaign once', async () => {
    const partner = await TestPartner.registered();
    for (let i = 0; i < 3; i++) partner.do('associate', { campaignId: 'c1' });
    expect(partner.view.associatedCampaigns).toBe(1);
    expect(types(partner)).toEqual(['partner.registered', 'partner.associated']);
  });

  it('knows nothing of campaigns’ commands, and is told of only where it is', async () => {
    const partner = await TestPartner.create();
    expect(partner.do('associate', { campaignId: 'c1' })).toMatchObject({ failure: { code: 'not_found' } });
    expect(partner.do('pause', {})).toMatchObject({ failure: { code: 'invalid_argument' } });
    expect(partner.actor.query('campaign', NOON)).toBeUndefined();
    expect(partner.actor.exists).toBe(false);
  });
});

describe('what other systems tell of a partner', () => {
  const contract = {
    contractId: 'k1',
    currency: 'USD',
    permissions: {},
    limits: { dailyBudget: usd(100) },
    at: NOON - HOUR,
  };
  const validation = { status: 'FULLY_VALIDATED', at: NOON };

  it('registers one that is not known yet', async () => {
    const partner = await TestPartner.create();
    partner.do('activate_contract', contract, { requestId: 'e1' });
    expect(types(partner)).toEqual(['partner.registered', 'partner.updated']);
    expect(partner.view).toMatchObject({
      contractId: 'k1',
      permissions: { campaignCreation: true, advancedTargeting: false },
      limits: { dailyBudget: usd(100) },
    });
  });

  it('raises the limits of a partner that is fully validated, in the currency of its contract', async () => {
    const partner = await TestPartner.create();
    partner.do('activate_contract', { ...contract, currency: 'COP', limits: {} }, { requestId: 'e1' });
    partner.do('validate', validation, { requestId: 'e2' });
    expect(partner.view).toMatchObject({
      validationStatus: 'FULLY_VALIDATED',
      permissions: { campaignCreation: true, advancedTargeting: true },
      limits: {
        dailyBudget: { micros: 10_000_000_000, currency: 'COP' },
        monthlyBudget: { micros: 100_000_000_000, currency: 'COP' },
        maxActiveCampaigns: 10,
      },
    });
  });

  it('takes as many contents as one answer holds, and is saved with them', async () => {
    const partner = await TestPartner.registered();
    for (let i = 0; i < limits.contentsPerPartner; i++)
      partner.do('associate_content', { campaignId: 'c1', contentId: `post-${i}` });
    const another = { campaignId: 'c1', contentId: 'another' };
    expect(partner.do('associate_content', another)).toMatchObject({
      failure: { code: 'failed_precondition' },
    });
    expect(partner.view).toMatchObject({
      associatedCampaigns: 1,
      associatedContents: limits.contentsPerPartner,
    });
    const restored = await TestPartner.create(partner.saved());
    expect(restored.actor.query('partner_contents', NOON)).toEqual(
      partner.actor.query('partner_contents', NOON),
    );
  });

  it('leaves the limits alone where the validation is another', async () => {
    const partner = await TestPartner.registered({ limits: { maxActiveCampaigns: 2 } });
    partner.do('validate', { status: 'REJECTED', at: NOON });
    expect(partner.view).toMatchObject({ validationStatus: 'REJECTED', limits: { maxActiveCampaigns: 2 } });
  });

  it('does not undo what was changed after it, when it comes again', async () => {
    const partner = await TestPartner.create();
    partner.do('validate', validation, { requestId: 'e1', time: NOON });
    const raised = { ...partner.view, limits: { maxActiveCampaigns: 50 } };
    partner.do('update', partnerDefinition(raised), { time: NOON + HOUR });
    for (let i = 0; i < 2 * limits.commandAnswers; i++)
      partner.do('associate', { campaignId: `c${i}` }, { requestId: `r${i}` });
    const { etag } = partner.view;
    partner.do('validate', validation, { requestId: 'e1', time: NOON + 2 * HOUR });
    partner.do('validate', validation, { requestId: 'never seen', time: NOON + 2 * HOUR });
    expect(partner.view).toMatchObject({ etag, limits: { maxActiveCampaigns: 50 } });
  });

  it('counts by when it happened, in whatever order it comes and however often', async () => {
    const events = [
      { name: 'activate_contract', payload: { ...contract, at: NOON - 3 * HOUR }, requestId: 'e1' },
      { name: 'validate', payload: { status: 'PARTIALLY_VALIDATED', at: NOON - 2 * HOUR }, requestId: 'e2' },
      { name: 'validate', payload: validation, requestId: 'e3' },
      {
        name: 'activate_contract',
        payload: {
          ...contract,
          contractId: 'k2',
          limits: { ...validated, maxActiveCampaigns: 3 },
          at: NOON + HOUR,
        },
        requestId: 'e4',
      },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 12 }), async (repeats) => {
        const partner = await TestPartner.create();
        // Everything comes at last.
        const order = [...new Set(repeats), 0, 1, 2, 3];
        for (const index of [...repeats, ...order]) {
          const { name, payload, requestId } = events[index] as (typeof events)[number];
          partner.do(name, payload, { requestId, time: NOON + 5 * HOUR });
        }
        expect(partner.view).toMatchObject({
          contractId: 'k2',
          validationStatus: 'FULLY_VALIDATED',
          permissions: { campaignCreation: true },
          limits: { ...validated, maxActiveCampaigns: 3 },
        });
      }),
      { numRuns: 100 },
    );
  });

  const validated = { dailyBudget: usd(10_000), monthlyBudget: usd(100_000) };
});
