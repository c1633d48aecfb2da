/** The collector as a client of it sees it: one that knows what was answered and repeats what was not. */
import { Pool } from 'undici';
import type { Random } from './random.ts';

export interface EventJson {
  readonly event_id: string;
  readonly type: 'impression' | 'click' | 'conversion';
  readonly campaign_id: string;
  readonly [field: string]: unknown;
}

export interface ResultJson {
  readonly event_id: string;
  readonly status: 'accepted' | 'duplicate' | 'rejected' | 'pending';
  readonly reason?: string;
  readonly click_id?: string;
}

export interface BatchJson {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly results: readonly ResultJson[];
}

/** Pause before an unanswered batch is sent again, in milliseconds; it grows up to the second. */
const RETRY_MS = [20, 250] as const;

export class CollectorClient implements AsyncDisposable {
  readonly #pool: Pool;
  /** Batches that were sent again because no answer, or 503, came. */
  repeats = 0;

  constructor(ingest: string, connections = 8) {
    this.#pool = new Pool(ingest, { connections, headersTimeout: 15_000, bodyTimeout: 15_000 });
  }

  /** Sends a batch once. */
  async sendOnce(events: readonly EventJson[]): Promise<{ status: number; body: BatchJson }> {
    const answer = await this.#pool.request({
      method: 'POST',
      path: '/v1/events',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as BatchJson };
  }

  /**
   * Sends a batch until it is answered: what was not may or may not have been counted, and repeating it
   * with the same event ids is what the protocol asks of a client.
   *
   * @throws Error for any answer but 202 and 503, and when nothing is answered for a minute
   */
  async send(events: readonly EventJson[]): Promise<BatchJson> {
    return (await this.#untilAnswered([202], () => this.sendOnce(events))).body;
  }

  /** Follows a click link, as often as it takes; gives where it leads, or `undefined` if nowhere. */
  async follow({ campaign_id, type: _, ...event }: EventJson): Promise<string | undefined> {
    const path = `/c/${campaign_id}?${queryOf(event)}`;
    const { location } = (await this.#untilAnswered([302, 404], () => this.#get(path))).headers;
    return location as string | undefined;
  }

  /** Loads a pixel, as often as it takes; gives why its event is refused, if it is. */
  async pixel(event: EventJson): Promise<string | undefined> {
    const path = `/p.gif?${queryOf(event)}`;
    const { headers } = await this.#untilAnswered([200], () => this.#get(path));
    return headers['x-turnpike-reason'] as string | undefined;
  }

  async #get(path: string) {
    const answer = await this.#pool.request({ method: 'GET', path });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  }

  /** Asks until one of the `expected` statuses comes; 503 and no answer at all are asked again. */
  async #untilAnswered<A extends { readonly status: number; readonly body: unknown }>(
    expected: readonly number[],
    ask: () => Promise<A>,
  ): Promise<A> {
    const deadline = performance.now() + 60_000;
    let pauseMs: number = RETRY_MS[0];
    for (;;) {
      const answer = await ask().catch((error: unknown) => {
        if (performance.now() > deadline)
          throw new Error('the collector did not come back', { cause: error });
        return undefined;
      });
      if (answer !== undefined && expected.includes(answer.status)) return answer;
      if (answer !== undefined && answer.status !== 503) {
        throw new Error(`the collector answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      this.repeats++;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, RETRY_MS[1]);
    }
  }

  /** Sends all batches, `concurrency` at a time, each until it is answered. */
  async sendAll(batches: Iterable<readonly EventJson[]>, concurrency: number): Promise<BatchJson[]> {
    const answers: BatchJson[] = [];
    const iterator = batches[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (let next = iterator.next(); !next.done; next = iterator.next()) {
        answers.push(await this.send(next.value));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

function queryOf(fields: Readonly<Record<string, unknown>>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).map(([name, value]) => [name, String(value)] as [string, string]),
  );
}

/** Splits `values` into parts of at most `size`. */
export function chunks<T>(values: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < values.length; at += size) parts.push(values.slice(at, at + size));
  return parts;
}

/** The same values in another order. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
