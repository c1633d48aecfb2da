/** The few REST calls that the demo makes: create and activate its campaigns, read their figures. */
import { formatMicros } from '../../model/money.ts';
import { describeAnswer, parseObject, UnexpectedAnswer } from '../traffic/events-answer.ts';
import type { RetryingClient } from '../traffic/retrying-client.ts';
import type { CampaignSpec } from './campaign-spec.ts';

/** A campaign's figures as the server tells them; amounts in micros. */
export interface Figures {
  readonly received: bigint;
  readonly accepted: bigint;
  readonly duplicates: bigint;
  readonly rejected: bigint;
  readonly pending: bigint;
  readonly impressions: bigint;
  readonly clicks: bigint;
  readonly conversions: bigint;
  readonly revenueMicros: bigint;
  readonly spendMicros: bigint;
  readonly currency: string;
}

/** A range of time, RFC 3339. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** The warehouse is given more time than the collector: it waits until it is current. */
export const MANAGEMENT_ATTEMPT_MS = 30_000;

/**
 * Creates a campaign and activates it.
 *
 * @param retryForMs how long the server may be away at first
 * @throws Unanswered, UnexpectedAnswer
 */
export async function launchCampaign(
  client: RetryingClient,
  spec: CampaignSpec,
  retryForMs: number,
): Promise<void> {
  const created = await client.deliver(post('/v1/campaigns', 'create', spec, definitionOf(spec)), retryForMs);
  if (created.answer.status !== 201) refuse(`creating ${spec.campaignId}`, created.answer);
  const path = `/v1/campaigns/${spec.campaignId}:activate`;
  const activated = await client.deliver(post(path, 'activate', spec, { reason: 'demo' }));
  if (activated.answer.status !== 200) refuse(`activating ${spec.campaignId}`, activated.answer);
}

/** Repeats carry the same key, so that a lost answer does no harm. */
function post(path: string, verb: string, spec: CampaignSpec, body: object) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': `${verb}-${spec.campaignId}` };
  return { method: 'POST' as const, path, headers, body: JSON.stringify(body) };
}

function definitionOf(spec: CampaignSpec): object {
  const { currency } = spec;
  return {
    campaign_id: spec.campaignId,
    brand_id: 'demo-brand',
    name: spec.name,
    type: 'AFFILIATE',
    objective:
      spec.costModel === 'CPA' ? 'CONVERSION' : spec.costModel === 'CPC' ? 'TRAFFIC' : 'BRAND_AWARENESS',
    landing_page_url: 'https://shop.example/landing?utm_medium=affiliate',
    budget: { total: { amount: formatMicros(spec.budgetMicros, currency), currency } },
    cost: { model: spec.costModel, rate: { amount: formatMicros(spec.rateMicros, currency), currency } },
  };
}

/**
 * A campaign's figures: the live ones, or those of a range from the warehouse.
 *
 * @throws Unanswered, UnexpectedAnswer
 */
export async function readFigures(
  client: RetryingClient,
  campaignId: string,
  range: Range | undefined,
): Promise<Figures> {
  const query = range === undefined ? '' : `?${new URLSearchParams({ ...range })}`;
  const { answer } = await client.deliver({
    method: 'GET',
    path: `/v1/campaigns/${campaignId}/metrics${query}`,
    headers: { accept: 'application/json' },
  });
  if (answer.status !== 200) refuse(`reading the figures of ${campaignId}`, answer);
  const body = parseObject(answer);
  const revenue = money(body, 'revenue');
  return {
    received: count(body, 'received'),
    accepted: count(body, 'accepted'),
    duplicates: count(body, 'duplicates'),
    rejected: count(body, 'rejected'),
    pending: count(body, 'pending'),
    impressions: count(body, 'impressions'),
    clicks: count(body, 'clicks'),
    conversions: count(body, 'conversions'),
    revenueMicros: revenue.micros,
    spendMicros: money(body, 'spend').micros,
    currency: revenue.currency,
  };
}

function refuse(doing: string, answer: Parameters<typeof describeAnswer>[0]): never {
  throw new UnexpectedAnswer(`${doing}: ${describeAnswer(answer)}`);
}

function count(body: Readonly<Record<string, unknown>>, field: string): bigint {
  const text = String(body[field]);
  if (!/^\d{1,30}$/.test(text)) throw new UnexpectedAnswer(`${field} is ${text.slice(0, 40)}, not a count`);
  return BigInt(text);
}

function money(
  body: Readonly<Record<string, unknown>>,
  field: string,
): { readonly micros: bigint; readonly currency: string } {
  const { amount, currency } = (body[field] ?? {}) as {
    readonly amount?: unknown;
    readonly currency?: unknown;
  };
  const match = typeof amount === 'string' ? /^(-?)(\d{1,30})(?:\.(\d{1,6}))?$/.exec(amount) : null;
  if (match === null || typeof currency !== 'string') {
    throw new UnexpectedAnswer(`${field} is ${JSON.stringify(body[field])?.slice(0, 60)}, not money`);
  }
  const micros = BigInt(`${match[2]}${(match[3] ?? '').padEnd(6, '0')}`);
  return { micros: match[1] === '-' ? -micros : micros, currency };
}
