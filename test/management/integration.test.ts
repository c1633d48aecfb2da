import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { welcomeIdOf } from '../../management/application/partners/welcome.ts';
import { send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const usd = (amount: string) => ({ amount, currency: 'USD' });
const call = (target: string, body?: unknown, headers = {}) => send(system.http, target, body, headers);
const take = (body: unknown, type = 'application/cloudevents+json') =>
  call('POST /v1/integration-events', JSON.stringify(body), { 'content-type': type });

let events = 0;
/** An event as its source would send it. */
const eventOf = (type: string, data: object, more: object = {}) => ({
  specversion: '1.0',
  id: `event-${++events}`,
  source: type.split(/[./]/)[0],
  type,
  time: '2026-11-20T09:00:00Z',
  datacontenttype: 'application/json',
  data,
  ...more,
});
const contract = (partner_id: string, more: object = {}) => ({
  partner_id,
  contract_id: 'contract-77',
  campaign_permissions: { campaign_creation: true },
  budget_limits: { daily_budget_limit: 500, monthly_budget_limit: '5000.00', max_active_campaigns: 2 },
  feature_flags: { auto_welcome_campaign: true },
  contract_terms: { currency: 'USD' },
  ...more,
});
const commandsTo = (actorId: string) =>
  system.actors.commands.filter((command) => command.actorId === actorId).map(({ name }) => name);

describe('an active contract', () => {
  test('lets a partner create campaigns, within the limits of the contract, and gives it one to begin with', async () => {
    const answer = await take(eventOf('onboarding.contract_activated', contract('ana')));
    expect(answer.status).toBe(200);
    const [{ partner, welcome_campaign: welcome }] = answer.body.results;
    expect(partner).toMatchObject({
      id: 'ana',
      contract_id: 'contract-77',
      permissions: { campaign_creation: true, advanced_targeting: false },
      limits: {
        daily_budget_limit: usd('500.00'),
        monthly_budget_limit: usd('5000.00'),
        max_active_campaigns: 2,
      },
      updated_by: 'integration:onboarding',
    });
    expect(welcome).toEqual({
      campaign_id: welcomeIdOf('ana'),
      status: 'DRAFT',
      missing: [
        { field: 'landing_page_url', description: 'say where clicks lead' },
        { field: 'cost', description: 'say what is paid for, and its rate' },
      ],
    });
    const campaign = await call(`GET /v1/campaigns/${welcome.campaign_id}`);
    expect(campaign.body).toMatchObject({
      partner_id: 'ana',
      budget: { total: usd('1000.00'), daily: usd('500.00') },
    });
  });

  test('has its effect once, however often it comes', async () => {
    const event = eventOf('onboarding.contract_activated', contract('bea'));
    const first = await take(event);
    const { campaign_id } = first.body.results[0].welcome_campaign;
    await call(`POST /v1/campaigns/${campaign_id}:cancel`);
    await call('PATCH /v1/partners/bea', { limits: { max_active_campaigns: 7 } });
    for (let i = 0; i < 3; i++) {
      const again = await take(event);
      expect(again.body.results[0].welcome_campaign).toMatchObject({ campaign_id });
    }
    expect((await call(`GET /v1/campaigns/${campaign_id}`)).body.status).toBe('CANCELLED');
    expect((await call('GET /v1/partners/bea')).body.limits.max_active_campaigns).toBe(7);
    expect((await call('GET /v1/campaigns?partner_id=bea')).body.campaigns).toHaveLength(1);
  });

  test('has a welcome campaign of the contract’s own budget, currency and brand', async () => {
    const data = contract('cleo', {
      budget_limits: { welcome_campaign_budget: 2_000_000 },
      contract_terms: { currency: 'COP', brand_id: 'acme' },
    });
    const answer = await take(eventOf('onboarding.contract_activated', data));
    const { campaign_id } = answer.body.results[0].welcome_campaign;
    expect((await call(`GET /v1/campaigns/${campaign_id}`)).body).toMatchObject({
      brand_id: 'acme',
      budget: { total: { amount: '2000000.00', currency: 'COP' } },
    });
  });

  test('that does not let the partner create campaigns says why there is none', async () => {
    const data = contract('dora', { campaign_permissions: { campaign_creation: false } });
    const answer = await take(eventOf('onboarding.contract_activated', data));
    const [{ welcome_campaign: welcome }] = answer.body.results;
    expect(welcome).toMatchObject({ missing: [], refusal: expect.stringContaining('campaign_creation') });
  });
});

describe('a full validation', () => {
  test('raises what the partner may do', async () => {
    await take(eventOf('onboarding.contract_activated', contract('eva')));
    const data = { partner_id: 'eva', validation_status: 'FULLY_VALIDATED' };
    const answer = await take(
      eventOf('partner_management.partner_validation', data, { time: '2026-11-21T09:00:00Z' }),
    );
    expect(answer.body.results[0].partner).toMatchObject({
      validation_status: 'FULLY_VALIDATED',
      permissions: { campaign_creation: true, advanced_targeting: true },
      limits: {
        daily_budget_limit: usd('10000.00'),
        monthly_budget_limit: usd('100000.00'),
        max_active_campaigns: 10,
      },
    });
  });

  test('is not undone by an older contract that comes later', async () => {
    const data = { partner_id: 'fay', validation_status: 'fully_validated' };
    await take(eventOf('partner_management.partner_validation', data, { time: '2026-11-21T09:00:00Z' }));
    const answer = await take(eventOf('onboarding.contract_activated', contract('fay')));
    expect(answer.body.results[0].partner).toMatchObject({
      contract_id: 'contract-77',
      limits: { max_active_campaigns: 10 },
    });
  });
});

describe('an event', () => {
  test.each([
    ['onboarding/contract-activated', contract('gia')],
    ['partner-management/partner-validation', { partner_id: 'gia', validation_status: 'FULLY_VALIDATED' }],
  ])('may be called %s, as in the documents', async (type, data) => {
    expect((await take(eventOf(type, data), 'application/json')).status).toBe(200);
  });

  test('may come in a list, which is checked as a whole first', async () => {
    const data = { partner_id: 'hana', validation_status: 'FULLY_VALIDATED' };
    const good = eventOf('partner_management.partner_validation', data);
    const bad = eventOf('partner_management.partner_validation', { ...data, validation_status: 'PERFECT' });
    const refused = await take([good, bad], 'application/cloudevents-batch+json');
    expect(refused.status).toBe(400);
    expect(refused.body.violations[0].field).toBe('[1].data.validation_status');
    expect(commandsTo('hana')).toEqual([]);
    expect((await take([good])).body.results).toHaveLength(1);
  });

  test('is told everything that is wrong with it', async () => {
    const fields = async (event: object) => {
      const answer = await take(event);
      expect(answer.status).toBe(400);
      return answer.body.violations.map(({ field }: { field: string }) => field);
    };
    expect(await fields({ type: 'onboarding.contract_activated' })).toEqual(
      expect.arrayContaining(['specversion', 'id', 'source', 'data']),
    );
    expect(await fields(eventOf('onboarding.contract_cancelled', {}))).toEqual(['type']);
    expect(await fields(eventOf('onboarding.contract_activated', contract('no spaces')))).toEqual([
      'data.partner_id',
    ]);
    const wrong = contract('ivy', {
      budget_limits: { daily_budget_limit: -1, monthly_budget_limit: 'much' },
    });
    expect(await fields(eventOf('onboarding.contract_activated', wrong))).toEqual([
      'data.budget_limits.daily_budget_limit.amount',
      'data.budget_limits.monthly_budget_limit.amount',
    ]);
    expect(
      await fields(eventOf('onboarding.contract_activated', contract('ivy'), { time: 'yesterday' })),
    ).toEqual(['time']);
  });
});
