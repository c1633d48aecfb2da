/** The REST gateway as a client of it sees it. */
import { request } from 'undici';
import type { Server } from './server.ts';

export interface MoneyJson {
  readonly amount: string;
  readonly currency: string;
}

export interface CampaignJson {
  readonly id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

export interface MetricsJson {
  readonly campaign_id: string;
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly pending: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly unique_clicks: number;
  readonly conversions: number;
  readonly revenue: MoneyJson;
  readonly spend: MoneyJson;
  readonly commission: MoneyJson;
  readonly [field: string]: unknown;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Sends a JSON request to the REST gateway and reads its JSON answer. */
export async function rest<Body>(
  server: Server,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const answer = await request(`${server.addresses.http}${path}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

async function expectStatus<Body>(
  what: string,
  expected: number,
  answer: Promise<Answer<Body>>,
): Promise<Body> {
  const { status, body } = await answer;
  if (status !== expected) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** What a campaign of a test differs in from the usual one: a CPC campaign with ample budget. */
export type CampaignFields = Readonly<Record<string, unknown>>;

/** Creates a campaign and launches it. */
export function launchCampaign(
  server: Server,
  campaignId: string,
  fields: CampaignFields = {},
): Promise<CampaignJson> {
  return createAnd(server, 'activate', campaignId, fields);
}

/** Creates a campaign and schedules it. */
export function scheduleCampaign(
  server: Server,
  campaignId: string,
  fields: CampaignFields & { readonly starts_at: string },
): Promise<CampaignJson> {
  return createAnd(server, 'schedule', campaignId, fields);
}

async function createAnd(
  server: Server,
  verb: 'activate' | 'schedule',
  campaignId: string,
  fields: CampaignFields,
): Promise<CampaignJson> {
  const definition = {
    campaign_id: campaignId,
    brand_id: 'brand',
    name: `Campaign ${campaignId}`,
    type: 'AFFILIATE',
    objective: 'SALES',
    landing_page_url: 'https://shop.example/landing',
    budget: { total: { amount: '1000000.00', currency: 'USD' } },
    cost: { model: 'CPC', rate: { amount: '0.25', currency: 'USD' } },
    ...fields,
  };
  await expectStatus('create', 201, rest(server, 'POST', '/v1/campaigns', definition));
  return expectStatus(
    verb,
    200,
    rest<CampaignJson>(server, 'POST', `/v1/campaigns/${campaignId}:${verb}`, {}),
  );
}

/** The live figures of a campaign: they include every event answered before. */
export function liveMetrics(server: Server, campaignId: string): Promise<MetricsJson> {
  return expectStatus(
    'metrics',
    200,
    rest<MetricsJson>(server, 'GET', `/v1/campaigns/${campaignId}/metrics`),
  );
}

/** The same figures as the warehouse has them, once everything answered before has arrived there. */
export function storedMetrics(server: Server, campaignId: string): Promise<MetricsJson> {
  const path = `/v1/campaigns/${campaignId}/metrics?from=2020-01-01T00:00:00Z`;
  return expectStatus('stored metrics', 200, rest<MetricsJson>(server, 'GET', path));
}

/** Figures without the moment they are of. */
export function figuresOf({ as_of: _, ...figures }: MetricsJson): Omit<MetricsJson, 'as_of'> {
  return figures;
}

/** What has happened to a campaign, as it is published. */
export interface HistoryEventJson {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All that has happened to a campaign, the oldest first. */
export async function historyOf(server: Server, campaignId: string): Promise<HistoryEventJson[]> {
  const path = `/v1/campaigns/${campaignId}/history?page_size=100`;
  return (await allPages<HistoryEventJson>(server, path)).reverse();
}

export interface TrackedEventJson {
  readonly event_id: string;
  readonly decision: { readonly status: string; readonly reason: string };
  readonly spend: MoneyJson;
  /** When the collector got it, unless its sender has said when it happened. */
  readonly occurred_at: string;
  readonly recorded_at: string;
}

/** All events of a campaign that pass the filters, such as `status=accepted`, the newest first. */
export function eventsOf(server: Server, campaignId: string, filters: string): Promise<TrackedEventJson[]> {
  return allPages(server, `/v1/campaigns/${campaignId}/events?page_size=1000&${filters}`);
}

async function allPages<Item>(server: Server, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let token = ''; ; ) {
    const page = await expectStatus(
      path,
      200,
      rest<{ events: Item[]; next_page_token: string }>(server, 'GET', `${path}&page_token=${token}`),
    );
    items.push(...page.events);
    token = encodeURIComponent(page.next_page_token);
    if (token === '') return items;
  }
}
