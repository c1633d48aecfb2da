/** Integration events within one process: the embedded engine. What was not taken ends with the process. */
import type { Logger } from 'pino';
import type { IntegrationFeed, Taker } from './port.ts';

const RETRY_MS = 100;

export function openLocalIntegration(logger: Logger): IntegrationFeed {
  const waiting: unknown[] = [];
  const takers = new Set<LocalTaking>();
  return {
    take(taker) {
      const taking = new LocalTaking(waiting, taker, logger);
      takers.add(taking);
      taking.wake();
      return async () => {
        takers.delete(taking);
        await taking.stop();
      };
    },
    async send(_type, event) {
      waiting.push(JSON.parse(JSON.stringify(event)));
      for (const taking of takers) taking.wake();
    },
    async close() {
      await Promise.all([...takers].map((taking) => taking.stop()));
    },
  };
}

class LocalTaking {
  readonly #waiting: unknown[];
  readonly #taker: Taker;
  readonly #logger: Logger;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(waiting: unknown[], taker: Taker, logger: Logger) {
    this.#waiting = waiting;
    this.#taker = taker;
    this.#logger = logger;
  }

  wake(): void {
    if (this.#isStopped || this.#running || this.#timer || this.#waiting.length === 0) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      // Something may have come after the last look.
      this.wake();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    while (!this.#isStopped && this.#waiting.length > 0) {
      const event = this.#waiting.shift();
      try {
        const taken = await this.#taker(event);
        if (taken.kind === 'refused')
          this.#logger.error({ reason: taken.reason }, 'integration event refused');
      } catch (error) {
        this.#waiting.push(event);
        this.#logger.warn({ err: error }, 'integration event not taken; again');
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.wake();
        }, RETRY_MS);
        return;
      }
    }
  }
}
