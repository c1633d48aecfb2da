/**
 * Delivers domain events to webhooks. Of all processes with the role management one does so at a time, the one
 * that holds the lease; when it dies, another takes over. The lease is a courtesy: what keeps an old one that wakes
 * up from moving a webhook back is the revision of its progress.
 */

import { TurnpikeError } from '../../model/errors.ts';
import { type Lease, RevisionConflict, type Snapshots } from '../../storage/snapshots/port.ts';
import { Session, type SessionOptions } from './session.ts';
import { DELIVERY_LEASE } from './store.ts';

export interface DelivererOptions extends Omit<SessionOptions, 'pollMs'> {
  readonly snapshots: Pick<Snapshots, 'acquire' | 'release'>;
  /** Who this process is: one that comes back under the same name has the lease still. */
  readonly owner: string;
  /** 5 s unless given; see `SessionOptions`. */
  readonly pollMs?: number;
  /** How long the lease lasts when nobody renews it: 10 s unless given. */
  readonly leaseMs?: number;
}

const POLL_MS = 5_000;
const LEASE_MS = 10_000;

export class WebhookDeliverer {
  readonly #options: DelivererOptions;
  readonly #leaseMs: number;
  readonly #stopped = new AbortController();
  readonly #giveUp = new AbortController();
  #session: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /** Record time of the oldest event that waits, as far as this process delivers. */
  get oldest(): number | undefined {
    return this.#session?.oldest;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Begins no more deliveries, and gives up those under way after a while: whoever comes next repeats them.
   *
   * @param graceMs how long they may still take
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort();
    this.#session?.over();
    const giveUp = setTimeout(() => this.#giveUp.abort(), graceMs);
    await this.#running;
    clearTimeout(giveUp);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const lease = await this.#acquire();
      if (lease) await this.#hold(lease);
      else await clock.sleep(this.#leaseMs / 3, signal);
    }
  }

  /** The lease; `undefined`: somebody else has it, or nobody can tell. */
  async #acquire(): Promise<Lease | undefined> {
    const { snapshots, owner } = this.#options;
    try {
      return await snapshots.acquire(DELIVERY_LEASE, owner, this.#leaseMs);
    } catch (error) {
      if (error instanceof TurnpikeError && error.retryable) return undefined;
      if (error instanceof RevisionConflict) return undefined;
      throw error;
    }
  }

  async #hold(lease: Lease): Promise<void> {
    const { snapshots, logger, pollMs = POLL_MS } = this.#options;
    const session = new Session({ ...this.#options, pollMs }, lease.epoch);
    this.#session = session;
    logger.info({ epoch: lease.epoch }, 'webhooks are delivered from here');
    const ended = new AbortController();
    const renewing = this.#renew(session, lease, ended.signal);
    if (this.#stopped.signal.aborted) session.over();
    await session.run();
    await session.end(this.#stopped.signal.aborted ? this.#giveUp.signal : AbortSignal.abort());
    ended.abort();
    await renewing;
    this.#session = undefined;
    try {
      await snapshots.release(lease);
    } catch (error) {
      // It runs out by itself.
      logger.warn({ err: error }, 'the lease of the webhooks was not given back');
    }
  }

  /** Renews the lease until the session has ended; without it, the session is over. */
  async #renew(session: Session, lease: Lease, ended: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    let heldUntil = clock.now() + this.#leaseMs;
    while (!ended.aborted) {
      await clock.sleep(this.#leaseMs / 3, ended);
      if (ended.aborted) return;
      const askedAt = clock.now();
      const renewed = await this.#acquire();
      if (renewed?.epoch === lease.epoch) heldUntil = askedAt + this.#leaseMs;
      else if (renewed !== undefined || clock.now() >= heldUntil) {
        logger.warn('the lease of the webhooks is lost');
        session.over();
        return;
      }
    }
  }
}
