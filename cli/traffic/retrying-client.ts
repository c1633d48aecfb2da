/**
 * Requests that are sent until they are answered. They carry the same ids each time, so the server counts
 * them once however often they arrive.
 */
import { JobError } from '../exit.ts';
import { errorCode, type HttpAnswer, HttpClient, type HttpRequest, mayHaveArrived } from './http-client.ts';

export interface RetryingClientOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Connections at most. */
  readonly connections: number;
  /** Milliseconds from the first failure of a request until it is given up. */
  readonly retryForMs: number;
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs?: number;
  /** Ends all waiting: what is under way fails with `Unanswered`. */
  readonly signal?: AbortSignal;
}

export interface Delivery {
  readonly answer: HttpAnswer;
  /** Attempts before the answered one that the server may have taken in all the same. */
  readonly resends: number;
}

/** A request was given up: whether the server has taken it in is unknown. */
export class Unanswered extends JobError {
  /** Whether it was given up because the user asked to stop. */
  readonly stopped: boolean;

  constructor(message: string, stopped: boolean) {
    super(message);
    this.stopped = stopped;
  }
}

/** Longer than the server may take for an append. */
const ATTEMPT_MS = 15_000;
const FIRST_PAUSE_MS = 20;
/** Short, so that a server that is back is found soon. */
const LONGEST_PAUSE_MS = 500;
/** Answers that ask for the request again. */
const RETRIED = new Set([408, 425, 429, 502, 503, 504]);

export class RetryingClient {
  readonly #http: HttpClient;
  readonly #retryForMs: number;
  readonly #signal: AbortSignal | undefined;
  /** Ends of the pauses under way. */
  readonly #pauses = new Set<() => void>();
  #retries = 0;
  #trouble: string | undefined;

  constructor(options: RetryingClientOptions) {
    this.#http = new HttpClient({
      origin: options.origin,
      connections: options.connections,
      timeoutMs: options.timeoutMs ?? ATTEMPT_MS,
    });
    this.#retryForMs = options.retryForMs;
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', () => {
      for (const end of this.#pauses) end();
    });
  }

  /** Attempts that were not answered, so far. */
  get retries(): number {
    return this.#retries;
  }

  /** What the last attempt failed with; `undefined` while attempts succeed. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /**
   * Sends a request until it is answered with something else than "try again".
   *
   * @param retryForMs other than the client's own
   * @throws Unanswered if that takes too long or the user asked to stop
   */
  async deliver(request: HttpRequest, retryForMs: number = this.#retryForMs): Promise<Delivery> {
    let resends = 0;
    let deadline = 0;
    for (let attempt = 0; ; attempt++) {
      let problem: string;
      let leastPauseMs = 0;
      try {
        const answer = await this.#http.exchange(request);
        if (!RETRIED.has(answer.status)) {
          this.#trouble = undefined;
          return { answer, resends };
        }
        problem = `status ${answer.status}`;
        // What was refused at once was not taken in; after the other statuses nobody knows.
        if (answer.status !== 429) resends++;
        leastPauseMs = retryAfterMs(answer);
      } catch (error) {
        problem = errorCode(error);
        if (mayHaveArrived(error)) resends++;
      }
      this.#retries++;
      this.#trouble = problem;
      const now = performance.now();
      if (attempt === 0) deadline = now + retryForMs;
      if (this.#signal?.aborted)
        throw new Unanswered(`stopped while ${this.#http.origin} did not answer`, true);
      if (now >= deadline) throw new Unanswered(this.#gaveUp(retryForMs, problem), false);
      await this.#pause(Math.min(deadline - now, Math.max(pauseMs(attempt), leastPauseMs)));
    }
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#http.close();
  }

  #gaveUp(retryForMs: number, problem: string): string {
    return `${this.#http.origin} did not answer for ${Math.round(retryForMs / 100) / 10} s (${problem}): is turnpike running there?`;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#pauses.add(end);
    });
  }
}

/** Doubles with each attempt; half of it at random, so that many clients do not come back as one. */
function pauseMs(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 16));
  return longest * (0.5 + Math.random() / 2);
}

function retryAfterMs(answer: HttpAnswer): number {
  const seconds = Number(answer.headers['retry-after']);
  return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS * 2) : 0;
}
