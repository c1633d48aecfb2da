import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../../model/command.ts';
import { send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const ANA = {
  partner_id: 'ana',
  name: 'Ana Torres',
  kind: 'INFLUENCER',
  permissions: { campaign_creation: true },
};

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
beforeEach(() => system.actors.reset());
afterAll(() => system?.[Symbol.asyncDispose]());

const call = (target: string, body?: unknown, headers = {}) => send(system.http, target, body, headers);
const register = (more: object = {}) => call('POST /v1/partners', { ...ANA, ...more });
const create = (campaign_id: string, more: object = {}) =>
  call('POST /v1/campaigns', { ...SUMMER, campaign_id, partner_id: 'ana', ...more });
const fieldsOf = ({ body }: { body: { violations?: { field: string }[] } }) =>
  (body.violations ?? []).map(({ field }) => field);
const running = async (): Promise<string[]> =>
  (await call('GET /v1/partners/ana/campaigns')).body.running.map(
    ({ campaign_id }: { campaign_id: string }) => campaign_id,
  );

describe('partners', () => {
  test('are registered, shown and changed', async () => {
    const registered = await register({ limits: { daily_budget_limit: usd('50') } });
    expect(registered.status).toBe(201);
    expect(registered.headers.etag).toBe('"1"');
    expect(registered.body).toMatchObject({
      id: 'ana',
      status: 'ACTIVE',
      validation_status: 'NOT_VALIDATED',
      permissions: { campaign_creation: true, advanced_targeting: false },
      limits: { daily_budget_limit: usd('50.00') },
      updated_by: 'operator',
    });
    const patch = { limits: { daily_budget_limit: null, max_active_campaigns: 3 } };
    const changed = await call('PATCH /v1/partners/ana', patch, { 'if-match': '"1"' });
    expect(changed.body).toMatchObject({ limits: { max_active_campaigns: 3 }, etag: '2' });
    expect((await call('PATCH /v1/partners/ana', patch, { 'if-match': '"1"' })).status).toBe(412);
    expect((await call('GET /v1/partners/ana')).body).toEqual(changed.body);
  });

  test('are registered once under an id, or an idempotency key', async () => {
    await register();
    expect((await register()).status).toBe(409);
    const anonymous = { ...ANA, partner_id: undefined };
    const [first, repeat] = [
      await call('POST /v1/partners', anonymous, { 'idempotency-key': 'k1' }),
      await call('POST /v1/partners', anonymous, { 'idempotency-key': 'k1' }),
    ];
    expect(repeat.body).toEqual(first.body);
  });

  test('are listed, the filters and pages kept', async () => {
    for (const id of ['a', 'b', 'c']) await register({ partner_id: id, kind: 'LOYALTY' });
    await register({ partner_id: 'd', kind: 'AGENCY' });
    const page = await call('GET /v1/partners?kind=LOYALTY&page_size=2');
    const next = await call(
      `GET /v1/partners?kind=LOYALTY&page_size=2&page_token=${page.body.next_page_token}`,
    );
    const ids = [...page.body.partners, ...next.body.partners].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(next.body.next_page_token).toBe('');
  });

  test('are told what is wrong with them', async () => {
    const answer = await register({
      kind: 'FRIEND',
      limits: { daily_budget_limit: usd('1'), monthly_budget_limit: { amount: '1', currency: 'COP' } },
    });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['kind', 'limits.monthly_budget_limit.currency']);
    expect((await call('GET /v1/partners/nobody')).status).toBe(404);
  });

  test('are associated with campaigns', async () => {
    await register();
    await call('POST /v1/campaigns', SUMMER);
    const answer = await call('POST /v1/partners/ana:associate', { campaign_id: 'summer' });
    expect(answer.body.associated_campaigns).toBe(1);
    expect((await call('GET /v1/partners/ana/campaigns')).body.associated).toEqual(['summer']);
    expect((await call('POST /v1/partners/ana:associate', { campaign_id: 'none' })).status).toBe(404);
  });
});

describe('contents of a partner', () => {
  const associate = (campaign_id: string, content_id: string, headers = {}) =>
    call('POST /v1/partners/ana:associate-content', { campaign_id, content_id }, headers);
  const contents = async (query = '') => (await call(`GET /v1/partners/ana/contents${query}`)).body;
  const idsOf = ({ contents: all }: { contents: { content_id: string }[] }) =>
    all.map(({ content_id }) => content_id);

  test('are associated with it and a campaign, each once', async () => {
    await register();
    await call('POST /v1/campaigns', SUMMER);
    for (let i = 0; i < 2; i++)
      expect((await associate('summer', 'reel-1')).body).toMatchObject({
        associated_campaigns: 1,
        associated_contents: 1,
      });
    expect((await call('GET /v1/partners/ana/campaigns')).body.associated).toEqual(['summer']);
    expect((await contents()).contents).toEqual([
      { campaign_id: 'summer', content_id: 'reel-1', associated_at: '2026-11-22T12:34:56.789Z' },
    ]);
    expect(system.actors.events.filter(({ type }) => type === 'content.associated')).toMatchObject([
      { actorId: 'ana', data: { campaign_id: 'summer', content_id: 'reel-1', by: 'operator' } },
    ]);
  });

  test('are listed in order, by campaign and page', async () => {
    await register();
    for (const campaign_id of ['c1', 'c2']) await call('POST /v1/campaigns', { ...SUMMER, campaign_id });
    for (const id of ['a', 'b', 'c']) await associate('c1', id);
    await associate('c2', 'a');
    const page = await contents('?campaign_id=c1&page_size=2');
    const next = await contents(`?campaign_id=c1&page_size=2&page_token=${page.next_page_token}`);
    expect([...idsOf(page), ...idsOf(next), next.next_page_token]).toEqual(['a', 'b', 'c', '']);
    expect(idsOf(await contents())).toEqual(['a', 'b', 'c', 'a']);
    system.actors.restart();
    expect(idsOf(await contents())).toEqual(['a', 'b', 'c', 'a']);
  });

  test('need a campaign that is there and an id that events can name', async () => {
    await register();
    await call('POST /v1/campaigns', SUMMER);
    expect((await associate('none', 'reel-1')).status).toBe(404);
    for (const id of ['', 'x'.repeat(129), 'a\nb'])
      expect(fieldsOf(await associate('summer', id))).toEqual(['content_id']);
    expect((await call('GET /v1/partners/nobody/contents')).status).toBe(404);
  });
});

describe('a campaign that a partner runs', () => {
  test('needs a partner that is there and may create campaigns', async () => {
    const unknown = await create('c1');
    expect([unknown.status, fieldsOf(unknown)]).toEqual([400, ['partner_id']]);
    await register({ permissions: {} });
    const refused = await create('c1');
    expect([refused.status, fieldsOf(refused)]).toEqual([409, ['partner_id']]);
    expect(refused.body.detail).toContain('campaign_creation');
  });

  test('is associated with it, shown with it, and listed by it', async () => {
    await register();
    expect((await create('c1')).body.partner_id).toBe('ana');
    await call('POST /v1/campaigns', SUMMER);
    const list = await call('GET /v1/campaigns?partner_id=ana');
    expect(list.body.campaigns.map(({ id }: { id: string }) => id)).toEqual(['c1']);
    expect((await call('GET /v1/partners/ana')).body).toMatchObject({ associated_campaigns: 1 });
    expect(fieldsOf(await call('PATCH /v1/campaigns/c1', { partner_id: 'bea' }))).toContain('partner_id');
  });

  test('keeps to the limits of its budgets, and is told which', async () => {
    await register({ limits: { daily_budget_limit: usd('10'), monthly_budget_limit: usd('200') } });
    const tooMuch = await create('c1', { budget: { total: usd('1000'), daily: usd('11') } });
    expect(fieldsOf(tooMuch)).toEqual(['budget.daily', 'budget.total']);
    expect(tooMuch.body.detail).toContain('at most 10.00 USD');
    await create('c1', { budget: { total: usd('150') } });
    expect(fieldsOf(await call('POST /v1/campaigns/c1:activate'))).toEqual(['budget.daily']);
    await call('PATCH /v1/campaigns/c1', { budget: { daily: usd('10') } });
    expect((await call('POST /v1/campaigns/c1:activate')).body.status).toBe('ACTIVE');
    await create('c2', { budget: { total: usd('51'), daily: usd('10') } });
    const full = await call('POST /v1/campaigns/c2:activate');
    expect([full.status, fieldsOf(full)]).toEqual([409, ['partner.monthly_budget_limit']]);
  });

  test('may raise its budget only as far as there is room, and gives back what it lowers', async () => {
    await register({ limits: { monthly_budget_limit: usd('100') } });
    for (const id of ['c1', 'c2']) {
      await create(id, { budget: { total: usd('50') } });
      expect((await call(`POST /v1/campaigns/${id}:activate`)).status).toBe(200);
    }
    const raise = (id: string, amount: string) =>
      call(`PATCH /v1/campaigns/${id}`, { budget: { total: usd(amount) } });
    expect(fieldsOf(await raise('c1', '51'))).toEqual(['partner.monthly_budget_limit']);
    expect((await raise('c2', '40')).status).toBe(200);
    expect((await raise('c1', '60')).status).toBe(200);
    expect((await raise('c2', '41')).status).toBe(409);
  });

  test('may always do less, whatever its partner may do by now', async () => {
    await register({ limits: { monthly_budget_limit: usd('100') } });
    await create('c1', { budget: { total: usd('50') } });
    await call('POST /v1/campaigns/c1:activate');
    await call('PATCH /v1/partners/ana', {
      status: 'SUSPENDED',
      limits: { monthly_budget_limit: usd('10') },
    });
    const change = (patch: object) => call('PATCH /v1/campaigns/c1', patch);
    expect((await change({ name: 'Another name', budget: { total: usd('40') } })).status).toBe(200);
    expect((await change({ budget: { total: usd('41') } })).status).toBe(409);
    await call('POST /v1/campaigns/c1:pause');
    expect(fieldsOf(await call('POST /v1/campaigns/c1:resume'))).toContain('partner_id');
  });

  test('may be targeted the advanced way only where that is granted', async () => {
    await register();
    const targeting = { locations: ['CO'], behaviors: ['frequent traveller'] };
    const refused = await create('c1', { targeting });
    expect([refused.status, fieldsOf(refused)]).toEqual([409, ['targeting']]);
    await call('PATCH /v1/partners/ana', { permissions: { advanced_targeting: true } });
    expect((await create('c1', { targeting })).status).toBe(201);
  });

  test('holds its slot until it is over', async () => {
    await register({ limits: { max_active_campaigns: 1 } });
    await create('c1');
    await create('c2');
    await call('POST /v1/campaigns/c1:activate');
    await call('POST /v1/campaigns/c1:pause');
    const full = await call('POST /v1/campaigns/c2:activate');
    expect([full.status, fieldsOf(full)]).toEqual([409, ['partner.max_active_campaigns']]);
    expect((await call('POST /v1/campaigns/c1:resume')).status).toBe(200);
    await call('POST /v1/campaigns/c1:complete');
    expect(await running()).toEqual([]);
    expect((await call('POST /v1/campaigns/c2:activate')).status).toBe(200);
  });

  test('that is not ready holds no slot', async () => {
    await register({ limits: { max_active_campaigns: 1 } });
    await create('c1', { landing_page_url: undefined });
    await create('c2');
    expect(fieldsOf(await call('POST /v1/campaigns/c1:activate'))).toEqual(['landing_page_url']);
    expect(await running()).toEqual([]);
    expect((await call('POST /v1/campaigns/c2:activate')).status).toBe(200);
  });

  test('that has ended by itself makes room when room is needed', async () => {
    await register({ limits: { max_active_campaigns: 1 } });
    await create('c1');
    await create('c2');
    await call('POST /v1/campaigns/c1:activate');
    // As its schedule does: no command of management has ended it.
    await system.actors.execute(completion('c1'));
    expect(await running()).toEqual(['c1']);
    expect((await call('POST /v1/campaigns/c2:activate')).status).toBe(200);
    expect(await running()).toEqual(['c2']);
  });

  test('is launched once by a repeated request', async () => {
    await register({ limits: { max_active_campaigns: 1 } });
    await create('c1');
    const key = { 'idempotency-key': 'launch' };
    const first = await call('POST /v1/campaigns/c1:activate', {}, key);
    expect(await call('POST /v1/campaigns/c1:activate', {}, key)).toMatchObject({ body: first.body });
    expect(await running()).toEqual(['c1']);
  });

  test('is one of as many as may run, however many are launched at once', async () => {
    await register({ limits: { max_active_campaigns: 5 } });
    const ids = Array.from({ length: 24 }, (_, index) => `c${index}`);
    for (const id of ids) await create(id);
    const answers = await Promise.all(
      [...ids, ...ids].map((id) =>
        call(`POST /v1/campaigns/${id}:activate`).then(({ status }) => ({ id, status })),
      ),
    );
    const launched = new Set(answers.filter(({ status }) => status === 200).map(({ id }) => id));
    expect(launched.size).toBe(5);
    expect(new Set(await running())).toEqual(launched);
    const active = await call('GET /v1/campaigns?status=ACTIVE');
    expect(active.body.campaigns).toHaveLength(5);
  });
});

function completion(actorId: string): Command {
  return {
    commandId: 'by-itself',
    actorKind: 'campaign',
    actorId,
    name: 'complete',
    payload: {},
    principal: { subject: 'schedule' },
  };
}
