/** What tests of the filter on Redis share: servers, proxies and filters that are closed afterwards. */
import { pino } from 'pino';
import { expect } from 'vitest';
import { Claim } from '../../storage/dedup/port.ts';
import { openRedisDedup, type RedisDedup } from '../../storage/dedup/redis.ts';
import { ANSWER_MS } from '../../storage/dedup/redis-circuit.ts';
import { GENERATION, together } from '../../storage/dedup/redis-keys.ts';
import { keys } from '../contracts/dedup.contract.ts';
import { RedisServer, type RedisServerOptions } from './redis-server.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait.ts';

export class RedisFilterTest implements AsyncDisposable {
  /** Lines that the filters have logged. */
  readonly logged: string[] = [];
  readonly #opened: AsyncDisposable[] = [];

  async startServer(options?: RedisServerOptions): Promise<RedisServer> {
    return this.#keep(await RedisServer.start(options));
  }

  /** A server that is not running yet. */
  async prepareServer(): Promise<RedisServer> {
    return this.#keep(await RedisServer.prepare());
  }

  async open(url: string): Promise<RedisDedup> {
    const logger = pino({ level: 'debug' }, { write: (line) => void this.logged.push(line) });
    const dedup = await openRedisDedup({ url, logger });
    this.#keep({ [Symbol.asyncDispose]: () => dedup.close() });
    return dedup;
  }

  async startProxy(server: RedisServer): Promise<TcpProxy> {
    return this.#keep(await TcpProxy.start(server.port));
  }

  /** A filter that reaches its server through a proxy. */
  async openThroughProxy(): Promise<{ server: RedisServer; proxy: TcpProxy; dedup: RedisDedup }> {
    const server = await this.startServer();
    const proxy = await this.startProxy(server);
    return { server, proxy, dedup: await this.open(urlOf(proxy)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#opened.reverse()) await each[Symbol.asyncDispose]();
  }

  #keep<Opened extends AsyncDisposable>(opened: Opened): Opened {
    this.#opened.push(opened);
    return opened;
  }
}

export async function claim(dedup: RedisDedup, token: string, ...numbers: number[]): Promise<number[]> {
  return [...(await dedup.claim(keys(...numbers), token))];
}

/** Where a filter reaches the server behind the proxy. */
export function urlOf(proxy: TcpProxy): string {
  return `redis://127.0.0.1:${proxy.port}`;
}

/** What a server holds of a key: the owner of its claim. */
export async function ownerOf(server: RedisServer, number: number): Promise<unknown> {
  return server.run('HGET', GENERATION, together(keys(number)).packed);
}

/** Milliseconds that it takes. */
export async function took(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

export function reachable(dedup: RedisDedup): Promise<boolean> {
  return waitFor('Redis to be reachable', () => dedup.isReachable);
}

export function outOfReach(dedup: RedisDedup): Promise<boolean> {
  return waitFor('Redis to be out of reach', () => !dedup.isReachable);
}

/** Expects that a hundred claims, none of them certain, cost next to nothing together. */
export async function expectFreeRefusals(dedup: RedisDedup): Promise<void> {
  const ms = await took(async () => {
    for (let i = 0; i < 100; i++) {
      expect(await claim(dedup, 'free', i, i)).toEqual([Claim.uncertain, Claim.uncertain]);
      // What goes on in the background goes on.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(ms).toBeLessThan(ANSWER_MS);
}
