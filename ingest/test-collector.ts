/** A collector over real engines, spoken to over HTTP, with the log read back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type Dispatcher, request } from 'undici';
import type { EventDecision } from '../model/actor-gateway.ts';
import type { CampaignSummary } from '../model/campaign.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { reasonName } from '../model/decision.ts';
import { STRING_FIELDS } from '../model/event.ts';
import { EventBatch, FIELD, UNDECIDED } from '../model/event-batch.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import type { Log } from '../storage/log/port.ts';
import { type Collector, createCollector } from './collector.ts';
import { campaign } from './test-support.ts';

const PARTITIONS = 4;

/** A row of the log: its numbers, and its strings by column. */
export interface Row {
  readonly type: number;
  /** Name of the collector's verdict, or `undecided`. */
  readonly verdict: string;
  readonly flags: number;
  readonly valueMicros: number;
  readonly occurredAt: number;
  readonly [column: string]: unknown;
}

export interface Logged {
  readonly rows: Row[];
  /** Stopped repeats by reason. */
  readonly stopped: Record<string, number>;
}

export interface Result {
  readonly event_id: string | null;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly click_id?: string;
  readonly decision_id?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Record<string, unknown>;
  readonly results: readonly Result[];
  /** Of each result its reason, or its status if it tells none. */
  readonly outcomes: readonly string[];
}

/** Adapters are the tests' to choose. */
export interface Engines {
  openLog(options: { directory: string; partitions: number }): Log;
  readonly dedup: Dedup;
  readonly eventCollectorCampaign?: string;
  readonly trustedProxies?: readonly string[];
  readonly dataCentres?: readonly string[];
}

export class TestCollector {
  /** Whether campaigns that it does not know may exist all the same. */
  mayLackCampaigns = false;
  readonly directory = new CampaignDirectory(() => !this.mayLackCampaigns);
  readonly clock = { ms: Date.now() };
  /** What the actors say. */
  decision: EventDecision | undefined;
  readonly #folder: string;
  readonly #log: Log;
  readonly #collector: Collector;
  #base = '';
  #campaigns = 0;

  static async start({ openLog, dedup, ...more }: Engines): Promise<TestCollector> {
    const folder = await mkdtemp(join(tmpdir(), 'turnpike-collector-'));
    const log = openLog({ directory: folder, partitions: PARTITIONS });
    const collector = new TestCollector(folder, log, dedup, more);
    const { port } = await collector.#collector.listen('127.0.0.1', 0);
    collector.#base = `http://127.0.0.1:${port}`;
    return collector;
  }

  private constructor(folder: string, log: Log, dedup: Dedup, more: Omit<Engines, 'openLog' | 'dedup'>) {
    this.#folder = folder;
    this.#log = log;
    this.#collector = createCollector({
      log: this.#log,
      dedup,
      directory: this.directory,
      gateway: { decision: async () => this.decision },
      secrets: { fingerprintKey: { k0: 1, k1: 2 }, clickSecrets: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] },
      partitions: PARTITIONS,
      ...more,
      registry: new Registry(),
      logger: pino({ enabled: false }),
      now: () => this.clock.ms,
      ready: () => true,
    });
  }

  async stop(): Promise<void> {
    await this.#collector.drain();
    this.#collector.close();
    await this.#log.close();
    await rm(this.#folder, { recursive: true });
  }

  /** A new running campaign. Gives its id. */
  launch(parts: Partial<CampaignSummary> = {}): string {
    const campaignId = `campaign-${++this.#campaigns}`;
    this.directory.put(campaign({ ...parts, campaignId }));
    return campaignId;
  }

  async call(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await request(`${this.#base}${path}`, {
      method: method as Dispatcher.HttpMethod,
      body: body ?? null,
      headers,
    });
    const text = await answer.body.text();
    const isJson = text !== '' && String(answer.headers['content-type']).includes('json');
    const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
    const results = (json.results ?? []) as Result[];
    const outcomes = results.map(({ status, reason }) => reason ?? status);
    return { status: answer.statusCode, headers: answer.headers, text, json, results, outcomes };
  }

  /** `POST /v1/events` */
  send(events: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', '/v1/events', JSON.stringify(events), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  /** All that the log holds of a campaign. */
  async logged(campaignId: string): Promise<Logged> {
    const found: Logged = { rows: [], stopped: {} };
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const last = await this.#log.lastSequence(partition);
      if (last === 0) continue;
      const reader = this.#log.read(partition, 1);
      for await (const records of reader) {
        for (const { data } of records) collect(new EventBatch(data), campaignId, found);
        if ((records.at(-1)?.sequence ?? 0) >= last) break;
      }
      reader.close();
    }
    return found;
  }
}

function collect(batch: EventBatch, campaignId: string, { rows, stopped }: Logged): void {
  for (let row = 0; row < batch.rows; row++) {
    batch.seek(row);
    if (batch.string(FIELD.campaignId) !== campaignId) continue;
    const { type, flags, valueMicros, occurredAt } = batch;
    const verdict = batch.verdict === UNDECIDED ? 'undecided' : reasonName(batch.verdict);
    const texts = STRING_FIELDS.map(({ column }, field) => [column, batch.string(field)]);
    const present = Object.fromEntries(texts.filter(([, text]) => text !== undefined));
    rows.push({ type, verdict, flags, valueMicros, occurredAt, ...present });
  }
  for (const { campaignId: id, reason, count } of batch.stopped()) {
    const name = reasonName(reason);
    if (id === campaignId) stopped[name] = (stopped[name] ?? 0) + count;
  }
}
