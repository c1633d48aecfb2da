/**
 * A circuit breaker: a server that fails, or does not answer in time, is not asked again before it has
 * answered a probe. So a dead server costs the calls that are under way when it dies a bounded time, and
 * those after them none.
 */

/** Milliseconds a call may take. */
export const ANSWER_MS = 250;
/** Milliseconds without an answer to a probe after which a new connection is tried. */
const SILENCE_MS = 2_000;
/** Pause after a probe that failed: doubled with each further one, up to the longest. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** A server that fails again within this time after it came back is probed more and more rarely. */
const STEADY_MS = 10_000;

export interface CircuitOptions {
  /** The smallest call that shows whether the server does its work. */
  readonly probe: () => Promise<unknown>;
  /** Whether there is a connection to send anything over. Once there is one, `wake` must be called. */
  readonly isConnected: () => boolean;
  /** Replaces a connection that is silent, or that leads to a server which cannot do the work. */
  readonly renewConnection: () => void;
  /** Told of every failure of a call or probe, before the circuit changes. */
  readonly failed: (error: unknown) => void;
  /** Told whenever the circuit has opened or closed. */
  readonly changed: () => void;
}

/** Begins open: the first probe closes it. */
export class Circuit {
  readonly #options: CircuitOptions;
  #state: 'open' | 'closed' | 'stopped' = 'open';
  /** How often it has opened: what was sent before says nothing about the server of now. */
  #openings = 0;
  #failedProbes = 0;
  #isProbing = false;
  #nextProbe: NodeJS.Timeout | undefined;
  #closedAt = Number.NEGATIVE_INFINITY;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** Whether calls may be sent. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The answer to a call just sent; `undefined` if it fails or takes longer than `ANSWER_MS`. */
  async watch<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
    const openings = this.#openings;
    try {
      return await inTime(answer);
    } catch (error) {
      this.#options.failed(error);
      if (openings === this.#openings) this.open();
      return undefined;
    }
  }

  /** Lets no call pass until a probe has been answered. */
  open(): void {
    if (this.#state !== 'closed') return;
    this.#state = 'open';
    this.#openings++;
    this.#failedProbes = performance.now() - this.#closedAt < STEADY_MS ? this.#failedProbes + 1 : 0;
    this.#options.changed();
    this.wake();
  }

  /** Sends a probe as soon as it may: there is a new connection. */
  wake(): void {
    if (this.#state !== 'open' || this.#isProbing) return;
    clearTimeout(this.#nextProbe);
    const pauseMs =
      this.#failedProbes === 0
        ? 0
        : Math.min(SHORTEST_PAUSE_MS * 2 ** (this.#failedProbes - 1), LONGEST_PAUSE_MS);
    this.#nextProbe = setTimeout(() => void this.#probe(), pauseMs);
  }

  /** Ends it for good: no call passes any more. */
  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#nextProbe);
  }

  async #probe(): Promise<void> {
    if (!this.#options.isConnected()) return;
    this.#isProbing = true;
    const isHealthy = await this.#isHealthy();
    this.#isProbing = false;
    if (this.#state !== 'open') return;
    if (isHealthy) {
      this.#state = 'closed';
      this.#closedAt = performance.now();
      this.#options.changed();
    } else {
      this.#failedProbes++;
      this.wake();
    }
  }

  async #isHealthy(): Promise<boolean> {
    const { probe, renewConnection, failed } = this.#options;
    const startedAt = performance.now();
    // However long it takes: the answer to this very probe says that the server is there again.
    const silence = setInterval(renewConnection, SILENCE_MS);
    try {
      await probe();
      return performance.now() - startedAt <= ANSWER_MS;
    } catch (error) {
      failed(error);
      // A replica: the name may lead to the new master by now, a new connection finds out.
      if (error instanceof Error && error.message.startsWith('READONLY')) renewConnection();
      return false;
    } finally {
      clearInterval(silence);
    }
  }
}

/** The answer, or an error if there is none within `ANSWER_MS`. */
function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // Where this process itself was held up, the answer has arrived and only waits to be read.
      setImmediate(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)));
    }, ANSWER_MS);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
