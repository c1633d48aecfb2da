import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LiveClient } from '../support/live-client.ts';
import { pattern } from '../support/printed-examples.ts';
import { readProjectFile } from '../support/project.ts';
import { send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

interface Printed {
  readonly type: string;
  readonly topic?: string;
  readonly sequence?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

const printed = [...readProjectFile('docs/live.md').matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => JSON.parse(text) as Printed,
);
const orders = printed.filter(({ type }) => type.endsWith('subscribe'));
const messages = printed.filter(({ type }) => !type.endsWith('subscribe'));

describe('the page on the live feed', () => {
  let system: ManagementSystem;
  let live: LiveClient;
  beforeAll(async () => {
    system = await ManagementSystem.start();
    await send(system.http, 'POST /v1/campaigns', SUMMER);
    await send(system.http, 'POST /v1/partners', { partner_id: 'ana', name: 'Ana', kind: 'INFLUENCER' });
    const { received, accepted, duplicates, rejected, impressions, clicks, unique_clicks, conversions } =
      (messages[0]?.data ?? {}) as Record<string, number>;
    system.actors.count('summer', {
      ...{ received, accepted, duplicates, rejected, impressions, clicks, conversions },
      uniqueClicks: unique_clicks,
      revenueMicros: 350_000_000n,
      spendMicros: 43_750_000n,
    } as Parameters<typeof system.actors.count>[1]);
    live = await new LiveClient(system.http, '/v1/live').opened();
  });
  afterAll(async () => {
    live?.[Symbol.dispose]();
    await system?.[Symbol.asyncDispose]();
  });

  test('prints what is to be sent', async () => {
    expect(orders.map(({ type }) => type)).toEqual(['subscribe', 'unsubscribe']);
    for (const order of orders) live.say(order);
    await live.heard('the partner', ({ topic }) => topic === 'partner:ana');
    expect(live.messages.filter(({ type }) => type === 'error')).toEqual([]);
  });

  test.each(messages.map((message) => [message.topic, message] as const))(
    'prints what comes of %s',
    async (topic, { sequence, ...message }) => {
      using client = await new LiveClient(system.http, '/v1/live').opened();
      client.say({ type: 'subscribe', topics: [topic] });
      const heard = await client.heard('the message', () => true);
      expect(heard).toEqual({
        ...(pattern(message) as object),
        ...(sequence !== undefined && { sequence: expect.any(Number) }),
      });
    },
  );
});
