/** Clients of the management processes, over REST: any of them will do, and each may fail. */
import { errorCode, type HttpAnswer, HttpClient } from '../../../cli/traffic/http-client.ts';

/** Figures of a campaign; amounts in micros. */
export interface Figures {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly pending: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly conversions: number;
  readonly revenueMicros: bigint;
  readonly spendMicros: bigint;
}

const COUNTS = [
  'received',
  'accepted',
  'duplicates',
  'rejected',
  'pending',
  'impressions',
  'clicks',
  'conversions',
] as const;

const RETRIED = new Set([408, 425, 429, 502, 503, 504]);
const TIMEOUT_MS = 6_000;
const PAUSE_MS = 100;
/** Where the figures of a campaign's whole life come from: the warehouse. */
const STORED = '?from=2020-01-01T00:00:00Z';

/** No answer came in time. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

export class ManagementClients {
  readonly #clients: readonly HttpClient[];
  #next = 0;
  #isClosed = false;

  constructor(origins: readonly string[]) {
    this.#clients = origins.map(
      (origin) => new HttpClient({ origin, connections: 32, timeoutMs: TIMEOUT_MS }),
    );
  }

  get count(): number {
    return this.#clients.length;
  }

  /**
   * Sends a request until it is answered with something else than "try again".
   *
   * @param only the management process to ask, if it must be this one
   * @throws Unanswered after `withinMs`
   */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    { body, key, only, withinMs = 120_000 }: AskOptions = {},
  ): Promise<HttpAnswer> {
    const deadline = performance.now() + withinMs;
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    for (;;) {
      const client = this.#clients[only ?? this.#next++ % this.#clients.length] as HttpClient;
      let trouble: string;
      try {
        const answer = await client.exchange({ method, path, headers, ...(body !== undefined && { body }) });
        if (!RETRIED.has(answer.status)) return answer;
        trouble = `status ${answer.status}: ${answer.body.slice(0, 200)}`;
      } catch (error) {
        trouble = errorCode(error);
      }
      if (this.#isClosed || performance.now() > deadline)
        throw new Unanswered(`${method} ${path} was not answered within ${withinMs} ms: ${trouble}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Live figures. @throws Unanswered, Error for any other answer than figures */
  async live(campaignId: string, options: AskOptions = {}): Promise<Figures> {
    return figuresOf(await this.ask('GET', `/v1/campaigns/${campaignId}/metrics`, options));
  }

  /** Figures from the warehouse. @throws Unanswered, Error for any other answer than figures */
  async stored(campaignId: string, options: AskOptions = {}): Promise<Figures> {
    return figuresOf(await this.ask('GET', `/v1/campaigns/${campaignId}/metrics${STORED}`, options));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

export interface AskOptions {
  readonly body?: string;
  /** Idempotency key. */
  readonly key?: string;
  readonly only?: number;
  readonly withinMs?: number;
}

function figuresOf({ status, body }: HttpAnswer): Figures {
  if (status !== 200) throw new Error(`figures: status ${status}: ${body.slice(0, 300)}`);
  const json = JSON.parse(body) as Record<string, unknown>;
  const counts = Object.fromEntries(COUNTS.map((name) => [name, Number(json[name])]));
  return {
    ...(counts as Record<(typeof COUNTS)[number], number>),
    revenueMicros: microsOf(json.revenue),
    spendMicros: microsOf(json.spend),
  };
}

/** An amount as JSON has it, such as `{"amount":"12.50","currency":"USD"}`. */
function microsOf(money: unknown): bigint {
  const { amount } = money as { readonly amount: string };
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
