import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventDecision } from '../../model/actor-gateway.ts';
import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { TestCollector } from '../test-collector.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

describe('a postback', () => {
  const accepted: EventDecision = { outcome: 'accepted', reason: 'accepted', decisionId: 'd-1' };

  test('is answered with the decision', async () => {
    const campaignId = collector.launch();
    collector.decision = accepted;
    const query = `cid=${campaignId}&txid=t-1&payout=9.99&currency=EUR`;
    const { status, json } = await collector.call('GET', `/v1/postback?${query}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      accepted: 1,
      results: [{ status: 'accepted', reason: 'accepted', decision_id: 'd-1' }],
    });
    expect((await collector.logged(campaignId)).rows).toMatchObject([
      { type: 3, transaction_id: 't-1', valueMicros: 9_990_000, currency: 'EUR' },
    ]);
  });

  test('may come as form, as JSON, or in the query of a POST', async () => {
    collector.decision = accepted;
    const campaign_id = collector.launch();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const json = { 'content-type': 'application/json' };
    await collector.call('POST', '/v1/postback', `campaign_id=${campaign_id}&event_id=a`, form);
    await collector.call('POST', '/v1/postback', JSON.stringify({ campaign_id, event_id: 'b' }), json);
    await collector.call('POST', `/v1/postback?campaign_id=${campaign_id}&event_id=c`, '', form);
    expect((await collector.logged(campaign_id)).rows.map(({ event_id, type }) => [event_id, type])).toEqual([
      ['a', 3],
      ['b', 3],
      ['c', 3],
    ]);
  });

  test('whose decision takes too long is pending', async () => {
    collector.decision = undefined;
    const { json } = await collector.call('GET', `/v1/postback?cid=${collector.launch()}`);
    expect(json).toMatchObject({
      accepted: 0,
      pending: 1,
      results: [{ status: 'pending', reason: 'decision_awaited' }],
    });
  });

  test('is told every other reason too', async () => {
    const campaignId = collector.launch();
    collector.decision = { outcome: 'rejected', reason: 'click_expired', decisionId: 'd-2' };
    const path = `/v1/postback?cid=${campaignId}&event_id=a`;
    expect((await collector.call('GET', path)).outcomes).toEqual(['click_expired']);
    expect((await collector.call('GET', path)).outcomes).toEqual(['duplicate_event']);
    const wrong = await collector.call('GET', `/v1/postback?cid=${campaignId}&payout=x`);
    expect(wrong.status).toBe(200);
    expect(wrong.results[0]).toMatchObject({ status: 'rejected', reason: 'invalid_event' });
    expect(wrong.results[0]?.decision_id).toMatch(/^[0-9a-z]+-[0-9a-z]+-0$/);
    expect((await collector.call('GET', '/v1/postback?cid=nobody')).outcomes).toEqual(['unknown_campaign']);
  });

  test('that is signed may tell where the conversion came from', async () => {
    collector.decision = accepted;
    const campaignId = collector.launch({ keyPolicy: 'signed', secretKeys: ['secret'] });
    const sign = (text: string): Record<string, string> => {
      const seconds = Math.floor(collector.clock.ms / 1_000);
      const digest = createHmac('sha256', 'secret').update(`${seconds}.${text}`).digest('hex');
      return { 'x-turnpike-signature': `t=${seconds},v1=${digest}` };
    };
    const query = `cid=${campaignId}&ip=203.0.113.7&user_agent=Firefox&event_id=a`;
    expect((await collector.call('GET', `/v1/postback?${query}`, undefined, sign(query))).status).toBe(200);
    const body = JSON.stringify({ campaign_id: campaignId, ip: '2001:db8:1:2::3', event_id: 'b' });
    const json = { 'content-type': 'application/json', ...sign(body) };
    expect((await collector.call('POST', '/v1/postback', body, json)).status).toBe(200);
    expect((await collector.call('GET', `/v1/postback?${query}`, undefined, sign('other'))).status).toBe(403);
    expect((await collector.call('GET', `/v1/postback?${query}`)).status).toBe(401);
    expect((await collector.logged(campaignId)).rows).toMatchObject([
      { event_id: 'a', ip: '203.0.113.0', user_agent: 'Firefox' },
      { event_id: 'b', ip: '2001:db8:1::' },
    ]);
  });
});
