import { status as Code } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryRow } from '../../management/application/campaigns/history-query.ts';
import { failureOf, GrpcClient } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
let client: GrpcClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  client = new GrpcClient(system.grpc);
  await rest('POST /v1/campaigns', SUMMER);
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

const rest = (target: string, body?: unknown): Promise<Answer> => send(system.http, target, body);
const HISTORY = 'GET /v1/campaigns/summer/history';

const row = (sequence: number, values: Partial<HistoryRow> = {}): HistoryRow => ({
  id: `summer-${sequence}-0`,
  type: 'campaign.paused',
  recorded_ms: String(Date.parse('2026-11-22T12:00:00.250Z')),
  sequence: String(sequence),
  index: 0,
  data: '{"reason":"lunch","by":"operator","metrics":{"clicks":4,"spend":{"amount":"1.00","currency":"USD"}}}',
  ...values,
});

test('is told as it was published', async () => {
  system.warehouse.history = [row(4)];
  const { status, body } = await rest(HISTORY);
  expect(status).toBe(200);
  expect(body).toEqual({
    events: [
      {
        specversion: '1.0',
        id: 'summer-4-0',
        source: 'turnpike',
        type: 'campaign.paused',
        subject: 'summer',
        time: '2026-11-22T12:00:00.250Z',
        datacontenttype: 'application/json',
        data: {
          reason: 'lunch',
          by: 'operator',
          metrics: { clicks: 4, spend: { amount: '1.00', currency: 'USD' } },
        },
      },
    ],
    next_page_token: '',
  });
});

test('is told over gRPC too', async () => {
  system.warehouse.history = [row(4, { type: 'campaign.of_tomorrow' })];
  const answer = await client.call('listCampaignHistory', {
    campaignId: 'summer',
    pageSize: 0,
    pageToken: '',
  });
  expect(answer).toEqual({
    events: [
      {
        id: 'summer-4-0',
        source: 'turnpike',
        type: 'campaign.of_tomorrow',
        subject: 'summer',
        time: { seconds: BigInt(Date.parse('2026-11-22T12:00:00Z') / 1_000), nanos: 250_000_000 },
        data: {
          reason: 'lunch',
          by: 'operator',
          metrics: { clicks: 4, spend: { amount: '1.00', currency: 'USD' } },
        },
      },
    ],
    nextPageToken: '',
  });
});

test('goes on after the last event of a page, without waiting again', async () => {
  system.warehouse.history = [row(4, { index: 2 }), row(3)];
  const first = await rest(`${HISTORY}?page_size=1`);
  expect(first.body.events).toHaveLength(1);
  expect(system.actors.settlements).toEqual(['summer']);
  await rest(`${HISTORY}?page_size=1&page_token=${first.body.next_page_token}`);
  expect(system.warehouse.asked).toEqual({ campaign: 'summer', sequence: 4, index: 2, count: 2 });
  expect(system.actors.settlements).toEqual(['summer']);
});

test.each(['page_size=-1', 'page_token=made-up'])('is not told for %s', async (query) => {
  const { status, body } = await rest(`${HISTORY}?${query}`);
  expect(status).toBe(400);
  expect(body.violations).toMatchObject([{ field: query.split('=')[0] }]);
});

test('is not told for the token of another campaign', async () => {
  await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'winter' });
  system.warehouse.history = [row(4), row(3)];
  const { next_page_token: token } = (await rest(`${HISTORY}?page_size=1`)).body;
  expect(await rest(`GET /v1/campaigns/winter/history?page_token=${token}`)).toMatchObject({ status: 400 });
});

test('is not told of a campaign that there is not', async () => {
  expect(await rest('GET /v1/campaigns/winter/history')).toMatchObject({ status: 404 });
  const call = client.call('listCampaignHistory', { campaignId: 'winter', pageSize: 0, pageToken: '' });
  expect(await failureOf(call)).toMatchObject({ code: Code.NOT_FOUND });
});
