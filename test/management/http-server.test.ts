import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import type { Campaigns } from '../../management/application/campaigns/campaigns.ts';
import type { Figures } from '../../management/application/figures/figures.ts';
import { totalsOf } from '../../management/application/figures/figures-query.ts';
import { createHttpServer, type HttpServer } from '../../management/rest/server.ts';
import { promised } from './promised.ts';

let server: HttpServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close(0);
});

async function serve(campaigns: Partial<Campaigns> = {}): Promise<number> {
  server = await createHttpServer({
    campaigns: campaigns as Campaigns,
    budgets: undefined,
    tracking: undefined,
    deadLetters: undefined,
    partners: undefined,
    integration: undefined,
    webhooks: undefined,
    registry: new Registry(),
    logger: pino({ level: 'silent' }),
    ready: () => true,
    version: '0',
  });
  return (await server.listen('127.0.0.1', 0)).port;
}

/** A connection that sends `text`, and everything that came back when it was closed. */
function converse(
  port: number,
  text: string,
): { readonly socket: Socket; readonly received: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('data', (part) => {
    received += part;
  });
  // A connection that is cut off may end with an error: what counts is what came before.
  socket.on('error', () => {});
  socket.write(text);
  return { socket, received: once(socket, 'close').then(() => received) };
}

const FIGURES: Figures = { campaignId: 'a', asOf: 0, currency: 'USD', totals: totalsOf([]) };
const METRICS = 'GET /v1/campaigns/a/metrics HTTP/1.1\r\nhost: a\r\n\r\n';

describe('a shutdown', () => {
  test('answers requests under way and ends their connections', async () => {
    const begun = promised<void>();
    const answer = promised<Figures>();
    const port = await serve({
      figures: () => {
        begun.resolve();
        return answer.promise;
      },
    });
    const { received } = converse(port, METRICS);
    await begun.promise;
    const closed = server?.close(60_000);
    answer.resolve(FIGURES);
    expect(await received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"campaign_id":"a"/);
    await closed;
  });

  test('does not wait for connections that say nothing', async () => {
    const port = await serve();
    const { socket, received } = converse(port, 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'data');
    await server?.close(60_000);
    expect(await received).toContain('200 OK');
  });

  test('cuts off what does not end in time', async () => {
    const begun = promised<void>();
    const port = await serve({
      figures: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const { received } = converse(port, METRICS);
    await begun.promise;
    await server?.close(50);
    expect(await received).toBe('');
  });
});

describe('a request', () => {
  test.each(['TRACE', 'PROPFIND', 'PURGE', 'OPTIONS', 'PATCH'])(
    'with the method %s is 405',
    async (method) => {
      const port = await serve();
      const { received } = converse(
        port,
        `${method} /v1/campaigns HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
      );
      expect(await received).toMatch(
        /^HTTP\/1\.1 405 [\s\S]*allow: GET, HEAD, POST[\s\S]*method_not_allowed/,
      );
    },
  );

  test.each([
    [
      'that promises less than it sends',
      'POST /v1/campaigns HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n',
    ],
    [
      'with a broken chunk',
      'POST /v1/campaigns HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    ],
    ['with an unknown method', 'EXPLODE / HTTP/1.1\r\nhost: a\r\n\r\n'],
  ])('%s is 400', async (_what, text) => {
    const port = await serve();
    const { received } = converse(port, text);
    expect(await received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});

test('a port that is taken is told', async () => {
  const port = await serve();
  const second = await createHttpServer({
    campaigns: {} as Campaigns,
    budgets: undefined,
    tracking: undefined,
    deadLetters: undefined,
    partners: undefined,
    integration: undefined,
    webhooks: undefined,
    registry: new Registry(),
    logger: pino({ level: 'silent' }),
    ready: () => true,
    version: '0',
  });
  await expect(second.listen('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
  await second.close();
});
