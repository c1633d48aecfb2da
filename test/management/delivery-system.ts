/** Deliveries to webhooks over snapshots, warehouse and bus in memory, to a real server. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createWebhooks, type Webhooks } from '../../management/application/webhooks/webhooks.ts';
import { WebhookDeliverer } from '../../management/delivery/deliverer.ts';
import { registerWebhookMetrics } from '../../management/delivery/metrics.ts';
import { createSender, type Sender } from '../../management/delivery/sender.ts';
import { WebhookStore } from '../../management/delivery/store.ts';
import { WAITING_QUERY, type WaitingRow } from '../../management/delivery/waiting-query.ts';
import type { Clock } from '../../model/clock.ts';
import { type CloudEvent, cloudEventOf, type DomainEventType } from '../../model/domain-event.ts';
import { openLocalBus } from '../../storage/events/local.ts';
import type { QueryParameter } from '../../storage/warehouse/port.ts';
import { MemorySnapshots } from '../support/memory-snapshots.ts';

/** A clock whose hours pass in an instant: what sleeps is woken when the time is put forward. */
export class TestClock implements Clock {
  #ahead = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now = (): number => Date.now() + this.#ahead;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { until: this.now() + ms, wake };
      const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
      if (signal?.aborted) wake();
    });
  }

  advance(ms: number): void {
    this.#ahead += ms;
    for (const { until, wake } of [...this.#sleepers]) if (until <= this.now()) wake();
  }
}

const PARTITIONS = 4;

export class DeliverySystem implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly snapshots = new MemorySnapshots(this.clock.now);
  readonly store = new WebhookStore(this.snapshots);
  readonly bus = openLocalBus();
  readonly rows: WaitingRow[] = [];
  readonly registry = new Registry();
  readonly sender: Sender;
  readonly webhooks: Webhooks;
  /** Queries that were made. */
  queries = 0;
  readonly #lastSequences = Array.from({ length: PARTITIONS }, () => 0);
  readonly #deliverers: WebhookDeliverer[] = [];
  readonly #metrics = registerWebhookMetrics(this.registry, this.clock.now, () => {
    const times = this.#deliverers.flatMap(({ oldest }) => oldest ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  });

  constructor(timeoutMs?: number) {
    const { now } = this.clock;
    this.sender = createSender({
      allowPrivate: true,
      version: '1.2.3',
      now,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    this.webhooks = createWebhooks({
      store: this.store,
      sender: this.sender,
      log: {
        partitions: PARTITIONS,
        lastSequence: async (partition) => this.#lastSequences[partition] as number,
      },
      allowPrivate: true,
      now,
    });
  }

  /** A process that delivers, or waits for its turn. */
  deliverer(owner: string, snapshots: MemorySnapshots = this.snapshots): WebhookDeliverer {
    const { bus, sender, clock } = this;
    const deliverer = new WebhookDeliverer({
      owner,
      snapshots,
      store: new WebhookStore(snapshots),
      warehouse: { query: async <Row>(...asked: Asked) => this.#query(...asked) as Row[] },
      bus,
      sender,
      clock,
      random: () => 0.5,
      metrics: this.#metrics,
      logger: pino({ level: 'silent' }),
      pollMs: 20,
      leaseMs: 3_000,
    });
    this.#deliverers.push(deliverer);
    deliverer.start();
    return deliverer;
  }

  create(webhook: Parameters<Webhooks['create']>[0]): ReturnType<Webhooks['create']> {
    return this.webhooks.create(webhook, { principal: { subject: 'test' } });
  }

  /** Lets something happen. @returns its id */
  happen(partition: number, type: DomainEventType = 'campaign.paused', subject = `c${partition}`): string {
    const sequence = (this.#lastSequences[partition] as number) + 1;
    this.#lastSequences[partition] = sequence;
    const time = this.clock.now();
    const id = `${subject}-${sequence.toString(36)}-0`;
    const data = { sequence };
    this.rows.push({
      partition,
      sequence: String(sequence),
      index: 0,
      id,
      type,
      subject,
      recorded_ms: String(time),
      data: JSON.stringify(data),
    });
    const event: CloudEvent = cloudEventOf({ id, type, actorId: subject, time, data });
    void this.bus.publish([event]);
    return id;
  }

  #query(text: string, parameters: Readonly<Record<string, QueryParameter>> = {}): WaitingRow[] {
    if (text !== WAITING_QUERY) throw new Error(`an unknown query: ${text}`);
    this.queries++;
    const { sequences, indexes, count } = parameters as {
      sequences: number[];
      indexes: number[];
      count: number;
    };
    return this.rows
      .filter(({ partition, sequence, index }) => {
        const after = sequences[partition] ?? Number.MAX_SAFE_INTEGER;
        return Number(sequence) > after || (Number(sequence) === after && index > (indexes[partition] ?? 0));
      })
      .sort(
        (a, b) => Number(a.sequence) - Number(b.sequence) || a.partition - b.partition || a.index - b.index,
      )
      .slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#deliverers.map((deliverer) => deliverer.stop(0)));
    await this.sender.close();
  }
}

type Asked = [text: string, parameters?: Readonly<Record<string, QueryParameter>>];
