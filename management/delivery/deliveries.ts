/**
 * The deliveries to one webhook: its partitions side by side, each in order. How far they have come is saved while
 * they go on, so what was delivered since the last save is delivered again after a crash, under the same ids.
 */
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { RevisionConflict } from '../../storage/snapshots/port.ts';
import { Lane } from './lane.ts';
import { isWanted } from './matching.ts';
import type { WebhookMetrics } from './metrics.ts';
import type { Attempt, Sender } from './sender.ts';
import type { Kept, WebhookStore } from './store.ts';
import type { Waiting } from './waiting-query.ts';
import { comparePlaces, type Place, type Progress, validSecrets, type Webhook } from './webhook.ts';

export interface DeliveriesOptions {
  readonly store: WebhookStore;
  readonly sender: Sender;
  readonly clock: Clock;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
  readonly metrics: WebhookMetrics;
  readonly logger: Logger;
  /** There is room for more, and more to be had. */
  readonly wake: () => void;
}

/** How often it is saved that events were not wanted. */
const IDLE_SAVE_MS = 30_000;
const SAVE_RETRY_MS = 1_000;

export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #abort = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #webhook: Kept<Webhook>;
  #progress: Progress;
  #revision: number;
  #savedAt: number;
  #isDue = false;
  #saving: Promise<void> | undefined;
  #isBehind = false;
  #isEnding = false;
  #isOverwritten = false;
  #isDisabling = false;

  constructor(webhook: Kept<Webhook>, progress: Kept<Progress>, options: DeliveriesOptions) {
    this.#options = options;
    this.#webhook = webhook;
    this.#progress = progress.value;
    this.#revision = progress.revision;
    this.#savedAt = options.clock.now();
    for (const [partition, place] of Object.entries(progress.value.places))
      this.#lanes.set(Number(partition), new Lane(place, progress.value.failing[partition]));
  }

  get webhook(): Webhook {
    return this.#webhook.value;
  }

  /** Whether somebody else has written how far it has come: the webhook, or the right to deliver, is gone. */
  get isOverwritten(): boolean {
    return this.#isOverwritten;
  }

  /** Record time of the oldest event that waits. */
  get oldest(): number | undefined {
    if (!this.webhook.enabled) return undefined;
    const times = [...this.#lanes.values()].flatMap(({ first }) => (first ? [first.time] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The webhook has been changed: what fails is tried again at once. */
  change(webhook: Kept<Webhook>): void {
    if (webhook.revision === this.#webhook.revision) return;
    this.#webhook = webhook;
    for (const lane of this.#lanes.values()) lane.hurry(this.#options.clock.now());
    this.#pump();
  }

  /** The places that it wants to read on from, by partition. */
  wishes(): ReadonlyMap<number, Place> {
    const wishes = new Map<number, Place>();
    if (!this.#isActive) return wishes;
    this.#isBehind = this.#room <= 0;
    if (this.#isBehind) return wishes;
    for (const [partition, lane] of this.#lanes) {
      if (lane.hasRoom) wishes.set(partition, lane.read);
      else this.#isBehind = true;
    }
    return wishes;
  }

  /** Takes what was read behind these places. */
  offer(events: readonly Waiting[], wishes: ReadonlyMap<number, Place>): void {
    if (!this.#isActive) return;
    const open = new Map<number, Lane>();
    for (const [partition, place] of wishes) {
      const lane = this.#lanes.get(partition);
      // One that has failed in between has gone back: these would leave a gap.
      if (lane && comparePlaces(lane.read, place) === 0) open.set(partition, lane);
    }
    for (const event of events) {
      const lane = open.get(event.partition);
      if (lane === undefined) continue;
      const wanted = isWanted(this.webhook, event);
      if ((wanted && this.#room <= 0) || !lane.take(event, wanted)) {
        open.delete(event.partition);
        this.#isBehind = true;
      }
    }
    this.#pump();
  }

  /** Saves now and then how far it has come where nothing was delivered. */
  async saveIdle(): Promise<void> {
    const { clock } = this.#options;
    if (clock.now() - this.#savedAt < IDLE_SAVE_MS || !this.#hasMoved()) return;
    this.#save();
    await this.#saving;
  }

  /**
   * Sends nothing more, waits for what is under way and saves how far it has come.
   *
   * @param giveUp when to wait no longer
   */
  async end(giveUp: AbortSignal): Promise<void> {
    this.#isEnding = true;
    for (const lane of this.#lanes.values()) lane.waiting?.abort();
    const cut = new Promise<void>((resolve) => {
      const now = (): void => {
        this.#abort.abort();
        resolve();
      };
      giveUp.addEventListener('abort', now, { once: true });
      if (giveUp.aborted) now();
    });
    await Promise.all(this.#sending);
    if (this.#hasMoved()) this.#save();
    // Snapshots that do not answer hold nobody up: what is not saved is delivered again.
    await Promise.race([this.#saving, cut]);
    this.#abort.abort();
  }

  get #isActive(): boolean {
    return this.webhook.enabled && !this.#isEnding && !this.#isOverwritten;
  }

  /** Events that may still be held. */
  get #room(): number {
    let held = 0;
    for (const lane of this.#lanes.values()) held += lane.length;
    return limits.webhookEventsWaiting - held;
  }

  /** Sends what can be sent. */
  #pump(): void {
    if (!this.#isActive) return;
    const now = this.#options.clock.now();
    for (const [partition, lane] of [...this.#lanes]) {
      if (this.#sending.size >= limits.webhookDeliveries) return;
      const event = lane.first;
      if (event === undefined || lane.isSending) continue;
      const pauseMs = lane.pauseMs(now);
      if (pauseMs > 0) {
        this.#pumpAfter(lane, pauseMs);
        continue;
      }
      // To the end of the row: the other partitions are looked at before it the next time.
      this.#lanes.delete(partition);
      this.#lanes.set(partition, lane);
      lane.isSending = true;
      const sending = this.#deliver(lane, event).finally(() => {
        lane.isSending = false;
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  #pumpAfter(lane: Lane, pauseMs: number): void {
    if (lane.waiting) return;
    lane.waiting = new AbortController();
    void this.#options.clock.sleep(pauseMs, lane.waiting.signal).then(() => {
      lane.waiting = undefined;
      this.#pump();
    });
  }

  async #deliver(lane: Lane, event: Waiting): Promise<void> {
    // The webhook may have been changed since the event was read.
    if (!isWanted(this.webhook, event)) {
      lane.passed();
      return;
    }
    const { sender, clock, metrics } = this.#options;
    const { url } = this.webhook;
    const secrets = validSecrets(this.webhook, clock.now());
    const { signal } = this.#abort;
    const attempt = await sender.send({ url, secrets, eventId: event.id, body: event.body }, signal);
    if (attempt.result === 'failed' && signal.aborted) return;
    metrics.attempted(attempt.result);
    if (attempt.result === 'delivered') this.#succeeded(lane, event);
    else this.#failed(lane, event, attempt);
    this.#save();
  }

  #succeeded(lane: Lane, event: Waiting): void {
    const { clock, logger, wake } = this.#options;
    const hadFailed = lane.failing !== undefined;
    lane.passed();
    if (this.#progress.consecutiveFailures > 0)
      logger.info({ webhookId: this.webhook.webhookId }, 'a webhook takes events again');
    this.#progress = {
      ...this.#progress,
      consecutiveFailures: 0,
      lastSuccess: { at: clock.now(), eventId: event.id },
    };
    if (lane.length === 0 && (hadFailed || this.#isBehind)) wake();
  }

  #failed(lane: Lane, event: Waiting, attempt: Exclude<Attempt, { result: 'delivered' }>): void {
    const { clock, random, logger } = this.#options;
    const { webhookId, enabledAt } = this.webhook;
    const now = clock.now();
    const { error } = attempt;
    const status = attempt.result === 'refused' ? attempt.status : undefined;
    const { attempts } = lane.failed(
      event,
      now,
      random(),
      attempt.result === 'refused' ? attempt.retryAfterMs : undefined,
    );
    this.#progress = {
      ...this.#progress,
      consecutiveFailures: this.#progress.consecutiveFailures + 1,
      lastFailure: { at: now, eventId: event.id, error, ...(status !== undefined && { status }) },
    };
    if (this.#progress.consecutiveFailures === 1)
      logger.warn({ webhookId, eventId: event.id, error }, 'a webhook does not take events');
    if (lane.isGivenUp(enabledAt, now)) this.#disable(event, attempts, error);
  }

  #disable(event: Waiting, attempts: number, error: string): void {
    if (this.#isDisabling) return;
    this.#isDisabling = true;
    const { store, clock, metrics, logger } = this.#options;
    const { value, revision } = this.#webhook;
    const days = limits.webhookFailingMs / 86_400_000;
    const disabledReason = `event ${event.id} could not be delivered for ${days} days, in ${attempts} attempts: ${error}`;
    const disabled = { ...value, enabled: false, disabledReason, updatedAt: clock.now() };
    store
      .put(disabled, revision)
      .then(
        (changed) => {
          this.#webhook = { value: disabled, revision: changed };
          metrics.disabled();
          logger.error({ webhookId: value.webhookId, reason: disabledReason }, 'a webhook was disabled');
        },
        // Whatever kept it from being written, the next failure tries again.
        (cause: unknown) =>
          logger.warn({ webhookId: value.webhookId, err: cause }, 'a webhook was not disabled'),
      )
      .finally(() => {
        this.#isDisabling = false;
      });
  }

  #hasMoved(): boolean {
    return [...this.#lanes].some(([partition, { done }]) => {
      const saved = this.#progress.places[partition];
      return saved === undefined || comparePlaces(saved, done) !== 0;
    });
  }

  /** Saves, once what is being saved already is. */
  #save(): void {
    this.#isDue = true;
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
  }

  async #saveAll(): Promise<void> {
    const { store, clock, logger } = this.#options;
    while (this.#isDue && !this.#isOverwritten) {
      this.#isDue = false;
      const progress = this.#present();
      try {
        this.#revision = await store.putProgress(this.webhook.webhookId, progress, this.#revision);
        this.#savedAt = clock.now();
      } catch (error) {
        if (error instanceof RevisionConflict) {
          this.#isOverwritten = true;
          this.#options.wake();
        } else if (error instanceof TurnpikeError && error.retryable && !this.#abort.signal.aborted) {
          this.#isDue = true;
          await clock.sleep(SAVE_RETRY_MS, this.#abort.signal);
        } else logger.error({ err: error }, 'the progress of a webhook was not saved');
      }
    }
  }

  #present(): Progress {
    const lanes = [...this.#lanes].sort(([a], [b]) => a - b);
    this.#progress = {
      ...this.#progress,
      places: Object.fromEntries(lanes.map(([partition, { done }]) => [partition, done])),
      failing: Object.fromEntries(
        lanes.flatMap(([partition, { failing }]) => (failing ? [[partition, failing]] : [])),
      ),
    };
    return this.#progress;
  }
}
