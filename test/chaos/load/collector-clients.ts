/**
 * Clients of the collectors. A request is sent until it is answered, with the same event ids each time, to
 * whichever collector there is. What is answered goes into the ledger.
 */
import { errorCode, HttpClient, mayHaveArrived } from '../../../cli/traffic/http-client.ts';
import type { Answer, Ledger } from './ledger.ts';
import { answersOf, type LoadRequest } from './requests.ts';
import type { ServiceWatch } from './service.ts';

/** Answers that ask for the request again. */
const RETRIED = new Set([408, 425, 429, 502, 503, 504]);
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 400;
/** Requests that go to another collector after the usual one has failed. */
const REQUESTS_AWAY = 5;

/** One client: it has a collector that it usually talks to, as behind a load balancer. */
export class Lane {
  readonly number: number;
  /** Milliseconds that it waits for an answer. */
  readonly timeoutMs: number;
  /** Requests that it will still send elsewhere. */
  away = 0;
  /** Steps from its usual collector to the one it is using. */
  offset = 0;

  constructor(number: number, timeoutMs: number) {
    this.number = number;
    this.timeoutMs = timeoutMs;
  }

  /** The collector of its next attempt, among `count`. */
  collector(count: number): number {
    return (this.number + this.offset) % count;
  }

  failed(): void {
    this.offset++;
    this.away = REQUESTS_AWAY;
  }

  succeeded(): void {
    if (this.away > 0 && --this.away === 0) this.offset = 0;
  }
}

export class CollectorClients {
  readonly #origins: readonly string[];
  readonly #ledger: Ledger;
  readonly #watch: ServiceWatch;
  readonly #pools = new Map<string, HttpClient>();
  #isClosed = false;

  constructor(origins: readonly string[], ledger: Ledger, watch: ServiceWatch) {
    this.#origins = origins;
    this.#ledger = ledger;
    this.#watch = watch;
  }

  /**
   * Sends a request until it is answered.
   *
   * @returns what was answered, or `undefined` if it was something that no client should get, or if the
   * clients were closed meanwhile
   */
  async deliver(request: LoadRequest, lane: Lane): Promise<Answer[] | undefined> {
    for (let attempt = 0; !this.#isClosed; attempt++) {
      const answers = await this.#attempt(request, lane);
      if (answers !== 'again') return answers;
      lane.failed();
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return undefined;
  }

  /** Ends all connections and all repeating. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  async #attempt(request: LoadRequest, lane: Lane): Promise<Answer[] | undefined | 'again'> {
    const { events, channel, http } = request;
    const origin = this.#origins[lane.collector(this.#origins.length)] as string;
    this.#ledger.sending(events, Date.now());
    try {
      const answer = await this.#pool(origin, lane.timeoutMs).exchange(http);
      if (RETRIED.has(answer.status)) {
        this.#watch.failed(`status ${answer.status}`);
        return 'again';
      }
      const answers = answersOf(request, answer);
      if (answers === undefined) {
        this.#watch.failed(`status ${answer.status}`);
        const excerpt = answer.body.slice(0, 200);
        this.#ledger.complain(`a ${channel} request was answered with ${answer.status}: ${excerpt}`);
        return undefined;
      }
      lane.succeeded();
      this.#watch.succeeded(performance.now());
      this.#note(request, answers);
      return answers;
    } catch (error) {
      if (!mayHaveArrived(error)) this.#ledger.unsent(events);
      if (!this.#isClosed) this.#watch.failed(errorCode(error));
      return 'again';
    }
  }

  #note({ events, channel }: LoadRequest, answers: readonly Answer[]): void {
    const now = Date.now();
    answers.forEach((answer, index) => {
      const event = events[index] as LoadRequest['events'][number];
      this.#ledger.answer(event, answer, now);
      if (
        answer.told === 'rejected' &&
        answer.reason !== undefined &&
        answer.reason !== 'campaign_not_active'
      )
        this.#ledger.complain(`${event.eventId}, a ${channel}, was rejected: ${answer.reason}`);
    });
  }

  #pool(origin: string, timeoutMs: number): HttpClient {
    const key = `${origin} ${timeoutMs}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new HttpClient({ origin, connections: 64, timeoutMs });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
