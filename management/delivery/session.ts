/**
 * The deliveries to all webhooks, for as long as this process is the one that delivers. It reads what is new when
 * the bus tells of something, and now and then besides: what was spooled reaches the warehouse later.
 */
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { EventBus } from '../../storage/events/port.ts';
import { RevisionConflict } from '../../storage/snapshots/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { Deliveries } from './deliveries.ts';
import { isWanted } from './matching.ts';
import type { WebhookMetrics } from './metrics.ts';
import type { Sender } from './sender.ts';
import type { Kept, WebhookStore } from './store.ts';
import { readingsOf, readWaiting } from './waiting-query.ts';
import { Wakeup } from './wakeup.ts';
import { initialProgress, type Progress, type Webhook } from './webhook.ts';

export interface SessionOptions {
  readonly store: WebhookStore;
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly bus: Pick<EventBus, 'subscribe'>;
  readonly sender: Sender;
  readonly clock: Clock;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
  readonly metrics: WebhookMetrics;
  readonly logger: Logger;
  /** How often webhooks and warehouse are looked at without being told to. */
  readonly pollMs: number;
}

/** Between two readings: more events become one reading. */
const PAUSE_MS = 100;

export class Session {
  readonly #options: SessionOptions;
  /** Of the lease: who finds a higher one has come too late. */
  readonly #epoch: number;
  readonly #deliveries = new Map<string, Deliveries>();
  readonly #wakeup: Wakeup;
  #isOver = false;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SessionOptions, epoch: number) {
    this.#options = options;
    this.#epoch = epoch;
    this.#wakeup = new Wakeup(options.clock);
  }

  /** Record time of the oldest event that waits, milliseconds since the epoch. */
  get oldest(): number | undefined {
    const times = [...this.#deliveries.values()].flatMap(({ oldest }) => oldest ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Delivers until it is over. */
  async run(): Promise<void> {
    const { bus, clock, pollMs } = this.#options;
    const leave = bus.subscribe((event) => {
      const wanted = [...this.#deliveries.values()].some(
        ({ webhook }) => webhook.enabled && isWanted(webhook, event),
      );
      if (wanted) this.#wakeup.ring();
    });
    try {
      while (!this.#isOver) {
        await this.#guarded(() => this.#round());
        if (this.#isOver) return;
        await clock.sleep(Math.min(PAUSE_MS, pollMs));
        await this.#wakeup.wait(pollMs);
      }
    } finally {
      leave();
    }
  }

  /** Begins nothing more. */
  over(): void {
    this.#isOver = true;
    this.#wakeup.ring();
  }

  /** Waits for what is under way, until `giveUp`, and saves how far everything has come. */
  async end(giveUp: AbortSignal): Promise<void> {
    await Promise.all([...this.#deliveries.values()].map((deliveries) => deliveries.end(giveUp)));
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Somebody has changed a webhook in between: the next listing tells.
      if (error instanceof RevisionConflict) return;
      const { logger } = this.#options;
      if (error instanceof TurnpikeError && error.retryable)
        logger.warn({ err: error }, 'webhooks wait: what is new cannot be read');
      else logger.error({ err: error }, 'webhooks wait: what is new cannot be delivered');
    }
  }

  async #round(): Promise<void> {
    const { clock, pollMs } = this.#options;
    const overwritten = [...this.#deliveries.values()].some(({ isOverwritten }) => isOverwritten);
    if (overwritten || clock.now() - this.#listedAt >= pollMs) await this.#list();
    if (!this.#isOver) await this.#read();
  }

  /** Brings the webhooks to what they are now. */
  async #list(): Promise<void> {
    const { store, clock } = this.#options;
    const startedAt = clock.now();
    const listed = await store.list();
    const present = new Map(listed.map((kept) => [kept.value.webhookId, kept]));
    for (const [webhookId, deliveries] of this.#deliveries) {
      const kept = present.get(webhookId);
      if (kept?.value.createdAt !== deliveries.webhook.createdAt) await this.#drop(webhookId, deliveries);
      // It is still there, and yet somebody else has told how far it has come: another process delivers.
      else if (deliveries.isOverwritten) return this.over();
      else deliveries.change(kept);
    }
    const unknown = listed.filter(({ value }) => !this.#deliveries.has(value.webhookId));
    if (unknown.length > 0) await this.#adopt(unknown, present);
    for (const deliveries of this.#deliveries.values()) await deliveries.saveIdle();
    this.#listedAt = startedAt;
  }

  async #drop(webhookId: string, deliveries: Deliveries): Promise<void> {
    this.#deliveries.delete(webhookId);
    await deliveries.end(AbortSignal.abort());
  }

  /** Takes over webhooks that are new here. Writing the epoch first keeps whoever delivered before from saving. */
  async #adopt(webhooks: readonly Kept<Webhook>[], present: ReadonlyMap<string, unknown>): Promise<void> {
    const { store } = this.#options;
    const stored = await store.allProgress();
    for (const webhookId of stored.keys()) if (!present.has(webhookId)) await store.forget(webhookId);
    for (const webhook of webhooks) {
      const { webhookId } = webhook.value;
      const known = await store.progress(webhookId);
      if (known && known.value.epoch > this.#epoch) return this.over();
      const value: Progress = known
        ? { ...known.value, epoch: this.#epoch }
        : initialProgress(webhook.value, this.#epoch);
      const revision = await store.putProgress(webhookId, value, known?.revision ?? 0);
      const wake = (): void => this.#wakeup.ring();
      this.#deliveries.set(
        webhookId,
        new Deliveries(webhook, { value, revision }, { ...this.#options, wake }),
      );
    }
  }

  /** Reads what is new, for all who have room for it. */
  async #read(): Promise<void> {
    const { warehouse } = this.#options;
    const wishes = new Map(
      [...this.#deliveries.values()].map((deliveries) => [deliveries, deliveries.wishes()] as const),
    );
    for (const { readers, after } of readingsOf(wishes)) {
      if (this.#isOver) return;
      const events = await readWaiting(warehouse, after, limits.webhookEventsRead);
      for (const reader of readers) reader.offer(events, wishes.get(reader) ?? new Map());
      if (events.length === limits.webhookEventsRead) this.#wakeup.ring();
    }
  }
}
