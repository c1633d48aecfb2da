/**
 * What the simulated gateway has to tell by itself. Whatever is still to be told of a payout has a mark beside the
 * snapshots, until it was taken: a process that is killed leaves it to the next one, as the webhooks of a real gateway
 * come again.
 */
import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { Clock } from '../../model/clock.ts';
import type { GatewayNotice } from '../../model/transfer.ts';
import { keyPart, type Snapshots, type SnapshotWrite } from '../snapshots/port.ts';
import { Turns } from './turns.ts';

const MARKS = 'gateway-notices/';
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Payouts that are told something at the same time. */
const TOLD_AT_ONCE = 64;

export interface NoticesOptions {
  readonly snapshots: Pick<Snapshots, 'commit' | 'list'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly notify: (notice: GatewayNotice) => Promise<unknown>;
  readonly logger: Pick<Logger, 'warn'>;
}

export class SimulatedNotices {
  readonly #options: NoticesOptions;
  readonly #closing = new AbortController();
  readonly #telling = new Set<Promise<void>>();
  readonly #turns = new Turns(TOLD_AT_ONCE);

  constructor(options: NoticesOptions) {
    this.#options = options;
    // Every pause listens.
    setMaxListeners(0, this.#closing.signal);
  }

  /** The write that says that there is something to be told of a payout. */
  mark(payoutId: string): SnapshotWrite {
    return { key: keyOf(payoutId), value: Buffer.from(payoutId) };
  }

  /** Payouts of which there is something to be told. */
  async *marked(): AsyncGenerator<string> {
    for await (const { value } of this.#options.snapshots.list(MARKS)) yield Buffer.from(value).toString();
  }

  /** Tells it all, in the order given. @returns whether all of it was taken; what was not comes again */
  async tell(payoutId: string, notices: readonly GatewayNotice[]): Promise<boolean> {
    const { notify, snapshots, logger } = this.#options;
    if (this.#closing.signal.aborted) return false;
    try {
      for (const notice of notices) await notify(notice);
      await snapshots.commit([{ key: keyOf(payoutId), value: undefined }]);
      return true;
    } catch (error) {
      logger.warn({ err: error, payoutId }, 'a notice was not taken');
      return false;
    }
  }

  /**
   * Tells it later, and again until it is taken.
   *
   * @param afterMs milliseconds until the first time
   * @param notices what there is to be told by then
   */
  tellLater(payoutId: string, afterMs: number, notices: () => Promise<readonly GatewayNotice[]>): void {
    const telling = this.#untilTaken(payoutId, afterMs, notices).finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /** A pause that ends with the gateway. */
  pause(ms: number): Promise<void> {
    return this.#options.clock.sleep(ms, this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#telling);
  }

  async #untilTaken(
    payoutId: string,
    afterMs: number,
    notices: () => Promise<readonly GatewayNotice[]>,
  ): Promise<void> {
    await this.pause(afterMs);
    for (let pauseMs = FIRST_PAUSE_MS; !this.#closing.signal.aborted; pauseMs *= 2) {
      if (await this.#turns.take(() => this.#tellOnce(payoutId, notices))) return;
      await this.pause(Math.min(pauseMs, LONGEST_PAUSE_MS));
    }
  }

  async #tellOnce(payoutId: string, notices: () => Promise<readonly GatewayNotice[]>): Promise<boolean> {
    try {
      return await this.tell(payoutId, await notices());
    } catch (error) {
      this.#options.logger.warn({ err: error, payoutId }, 'what is to be told cannot be read');
      return false;
    }
  }
}

function keyOf(payoutId: string): string {
  return `${MARKS}${keyPart(payoutId)}`;
}
