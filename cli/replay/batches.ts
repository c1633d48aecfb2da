/** Rows on their way: gathered into batches, at most so many under way at once. */
import { limits } from '../../limits.ts';
import { eventResults } from '../traffic/events-answer.ts';
import type { Pace } from '../traffic/pace.ts';
import type { RetryingClient } from '../traffic/retrying-client.ts';
import type { RefusedRows } from './refused-rows.ts';
import type { Row } from './row.ts';
import type { Tally } from './tally.ts';

export interface BatchSenderOptions {
  readonly client: RetryingClient;
  readonly tally: Tally;
  readonly refused: RefusedRows;
  readonly pace: Pace;
  readonly batchSize: number;
  readonly concurrency: number;
  /** Waits so many milliseconds, less if the user asks to stop. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

interface Batch {
  readonly rows: Row[];
  readonly events: string[];
  bytes: number;
}

/** Bytes of a body at most, with room for commas. */
const BODY_BYTES = limits.bodyBytes - limits.eventsPerRequest - limits.eventBytes;

export class BatchSender {
  readonly #options: BatchSenderOptions;
  /** Batches that were begun and not yet answered. */
  readonly #open = new Set<Batch>();
  readonly #underWay = new Set<Promise<void>>();
  #batch: Batch = { rows: [], events: [], bytes: 0 };
  #failure: unknown;

  constructor(options: BatchSenderOptions) {
    this.#options = options;
  }

  /**
   * Takes an event; waits while enough batches are under way.
   *
   * @throws what a batch failed with
   */
  async add(row: Row, json: string): Promise<void> {
    const batch = this.#batch;
    batch.rows.push(row);
    batch.events.push(json);
    batch.bytes += Buffer.byteLength(json) + 1;
    if (batch.events.length >= this.#options.batchSize || batch.bytes >= BODY_BYTES) await this.#dispatch();
  }

  /** Sends what is left and waits for all answers. @throws what a batch failed with */
  async flush(): Promise<void> {
    if (this.#batch.events.length > 0) await this.#dispatch();
    await Promise.all(this.#underWay);
    this.#rethrow();
  }

  /** Waits for the answers to what has been sent; what failed stays unanswered. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** The first line that was not answered, `undefined` if all that were added are. */
  firstUnanswered(): number | undefined {
    const lines = [...this.#open, this.#batch].flatMap(({ rows }) => rows[0]?.line ?? []);
    return lines.length === 0 ? undefined : Math.min(...lines);
  }

  async #dispatch(): Promise<void> {
    const { pace, pause, concurrency } = this.#options;
    while (this.#underWay.size >= concurrency) await Promise.race(this.#underWay);
    this.#rethrow();
    const batch = this.#batch;
    this.#batch = { rows: [], events: [], bytes: 0 };
    this.#open.add(batch);
    const delayMs = pace.delayMs(batch.events.length);
    if (delayMs > 0) await pause(delayMs);
    const sent = this.#send(batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #send(batch: Batch): Promise<void> {
    const { client, tally, refused } = this.#options;
    const { answer } = await client.deliver({
      method: 'POST',
      path: '/v1/events',
      headers: { 'content-type': 'application/json' },
      body: `[${batch.events.join(',')}]`,
    });
    const results = eventResults(answer, batch.rows.length);
    for (const [index, row] of batch.rows.entries()) {
      const { status, reason } = results[index] as (typeof results)[number];
      switch (status) {
        case 'accepted':
          tally.accepted++;
          break;
        case 'duplicate':
          tally.duplicates++;
          break;
        case 'pending':
          tally.pending++;
          break;
        case 'rejected': {
          const why = String(reason ?? 'no reason given');
          tally.reject(row.line, why);
          refused.add(row, why);
          break;
        }
      }
    }
    this.#open.delete(batch);
  }
}
