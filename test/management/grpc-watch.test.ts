import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import { waitFor } from '../support/wait.ts';
import { GrpcClient, summer } from './grpc-client.ts';
import { send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
let client: GrpcClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  client = new GrpcClient(system.grpc);
  await client.call('createCampaign', { campaignId: 'summer', campaign: summer(), requestId: '' });
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

/** Watches a campaign: what was received by its figures, one after the other, and how the stream ended. */
function watch(campaignId: string) {
  const stream = client.watch(campaignId);
  const received: number[] = [];
  stream.on('data', ({ totals }) => received.push(Number(totals.received)));
  const ended = new Promise<ServiceError>((resolve) => stream.once('error', resolve));
  ended.catch(() => undefined);
  return { stream, received, ended };
}

const count = (received: number): void => system.actors.count('summer', { received, accepted: received });

describe('WatchCampaignMetrics', () => {
  test('tells the figures at once, and when they change, to all who watch', async () => {
    const [one, other] = [watch('summer'), watch('summer')];
    await waitFor('the first figures', () => one.received.length > 0 && other.received.length > 0);
    count(7);
    await waitFor('the change', () => one.received.includes(7) && other.received.includes(7));
    one.stream.cancel();
    expect((await one.ended).code).toBe(Code.CANCELLED);
    count(9);
    await waitFor('the next change', () => other.received.includes(9));
    expect(other.received).toEqual([0, 7, 9]);
    expect(one.received).toEqual([0, 7]);
    other.stream.cancel();
    await other.ended;
  });

  test('goes on where the actor was out of reach for a moment', async () => {
    const { stream, received, ended } = watch('summer');
    await waitFor('the first figures', () => received.length > 0);
    system.actors.failure = new TurnpikeError({ code: 'unavailable', message: 'away' });
    count(3);
    await watch('summer').stream.cancel();
    system.actors.failure = undefined;
    await waitFor('the change', () => received.includes(3));
    stream.cancel();
    await ended;
  });

  test.each([
    ['nobody', Code.NOT_FOUND],
    ['not a campaign', Code.INVALID_ARGUMENT],
  ])('fails for %s', async (campaignId, code) => {
    expect((await watch(campaignId).ended).code).toBe(code);
  });

  test('ends with the server, and is measured', async () => {
    const { received, ended } = watch('summer');
    await waitFor('the first figures', () => received.length > 0);
    const { body: before } = await send(system.http, 'GET /metrics');
    expect(before).not.toContain('method="WatchCampaignMetrics"');
    await system[Symbol.asyncDispose]();
    expect((await ended).code).toBe(Code.UNAVAILABLE);
  });
});
