import { describe, expect, test } from 'vitest';
import { CountingServer } from '../../test/support/counting-server.ts';
import { waitFor } from '../../test/support/wait.ts';
import { RetryingClient, type RetryingClientOptions, Unanswered } from './retrying-client.ts';

interface Harness extends AsyncDisposable {
  readonly server: CountingServer;
  readonly client: RetryingClient;
}

async function harness(options: Partial<RetryingClientOptions> = {}): Promise<Harness> {
  const server = await CountingServer.start();
  server.addCampaign('c');
  const client = new RetryingClient({
    origin: server.origin,
    connections: 2,
    retryForMs: 10_000,
    ...options,
  });
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const event = (id: string) => ({
  method: 'POST' as const,
  path: '/v1/events',
  headers: { 'content-type': 'application/json' },
  body: `{"event_id":"${id}","type":"click","campaign_id":"c"}`,
});

describe('RetryingClient', () => {
  test('gives the first answer when it comes', async () => {
    await using set = await harness();
    const { answer, resends } = await set.client.deliver(event('a'));
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.body)).toMatchObject({ results: [{ status: 'accepted' }] });
    expect([resends, set.client.retries]).toEqual([0, 0]);
  });

  test('sends again what got no answer, and says that it may have arrived twice', async () => {
    await using set = await harness();
    set.server.fault = (request) => (request === 1 ? 'cut after' : undefined);
    const { answer, resends } = await set.client.deliver(event('a'));
    expect(JSON.parse(answer.body)).toMatchObject({ results: [{ status: 'duplicate' }] });
    expect([resends, set.client.retries]).toEqual([1, 1]);
  });

  test.each(['busy', 'cut before'] as const)(
    'counts a resend for each attempt that ended with "%s"',
    async (fault) => {
      await using set = await harness();
      set.server.fault = (request) => (request <= 3 ? fault : undefined);
      const { answer, resends } = await set.client.deliver(event('a'));
      expect(JSON.parse(answer.body)).toMatchObject({ results: [{ status: 'accepted' }] });
      expect([resends, set.client.retries]).toEqual([3, 3]);
    },
  );

  test('counts no resend for a connection that was refused', async () => {
    await using set = await harness();
    await set.server.kill();
    const delivery = set.client.deliver(event('a'));
    await waitFor('an attempt', () => set.client.retries > 0);
    expect(set.client.trouble).toBe('ECONNREFUSED');
    await set.server.listen();
    expect((await delivery).resends).toBe(0);
    expect(set.client.trouble).toBeUndefined();
  });

  test('does not repeat what was answered with an error', async () => {
    await using set = await harness();
    const { answer } = await set.client.deliver({ method: 'GET', path: '/nothing', headers: {} });
    expect(answer).toMatchObject({ status: 404, body: 'no such route' });
    expect(set.server.requests).toBe(1);
  });

  test('does not follow redirects', async () => {
    await using set = await harness();
    const { answer } = await set.client.deliver({ method: 'GET', path: '/c/c?id=a', headers: {} });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('https://shop.example/?click_id=click-a');
  });

  test('gives up when the server stays away', async () => {
    await using set = await harness({ retryForMs: 50 });
    set.server.fault = () => 'busy';
    const failure = await set.client.deliver(event('a')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unanswered);
    expect(String(failure)).toContain('did not answer for 0.1 s (status 503): is turnpike running there?');
    expect((failure as Unanswered).stopped).toBe(false);
  });

  test('gives up at once when the user asks to stop', async () => {
    const stop = new AbortController();
    await using set = await harness({ retryForMs: 600_000, signal: stop.signal });
    set.server.fault = () => 'busy';
    const delivery = set.client.deliver(event('a')).catch((error: unknown) => error);
    await waitFor('a few attempts', () => set.client.retries > 2);
    stop.abort();
    expect(((await delivery) as Unanswered).stopped).toBe(true);
  });
});
