/**
 * `dedup.claim` → `log.append` → `dedup.confirm`, for what has gathered in several lanes.
 *
 * Measured with 128 connections that send one event at a time over 12 partitions: it is calls and records
 * that cost, not events. So the lanes that leave together share one claim and one confirmation, which nobody
 * waits for: the log has the events, and that is what clients are told.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import type { Clock } from '../model/clock.ts';
import { TurnpikeError } from '../model/errors.ts';
import { FINGERPRINT_WORDS } from '../model/fingerprint.ts';
import type { Dedup, DedupKeys } from '../storage/dedup/port.ts';
import type { Log } from '../storage/log/port.ts';
import { applyClaims, heldKeys } from './claims.ts';
import type { IncomingEvent } from './incoming-event.ts';
import type { IngestMetrics } from './metrics.ts';
import { RecordWriter } from './record-writer.ts';
import type { WaitingBatch } from './waiting-batch.ts';

export interface DispatchOptions {
  readonly log: Pick<Log, 'append'>;
  readonly dedup: Pick<Dedup, 'claim' | 'confirm' | 'release'>;
  readonly metrics: Pick<IngestMetrics, 'recordAppended' | 'appendFailed'>;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: Clock['sleep'];
  /** Names this collector's claims and records: unlike any other, ever. Random if not given. */
  readonly name?: string | undefined;
}

/** Batches that leave together, under one token. */
interface Group {
  readonly token: string;
  readonly keys: DedupKeys;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  unsettled: number;
  /** Whether all that is settled is stored, and nothing of it confirmed by itself. */
  isWhole: boolean;
  /** Claims of what is settled that are not confirmed yet. */
  held: DedupKeys[];
}

/** A batch on its way into a partition of the log. */
export interface Departure {
  readonly partition: number;
  readonly batch: WaitingBatch;
  readonly group: Group;
  /** Its part of the group's keys. */
  readonly keys: DedupKeys;
  /** The claims that are to be confirmed, once it is settled. */
  held: DedupKeys;
}

/** Pause before an append whose outcome is unknown is repeated, in milliseconds. */
const RETRY_MS = 50;
/** Pause between two warnings of the log's failure, in milliseconds. */
const WARNING_MS = 1_000;
/**
 * Claims of a group are confirmed when all of it is settled, which costs the filter far less than one after the
 * other; but once it takes longer than this, in milliseconds, what is settled does not wait for the rest.
 */
const CONFIRMED_TOGETHER_MS = 250;
const NO_CLAIMS = new Uint8Array(0);
const NO_KEYS = new Uint32Array(0);

export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #writer = new RecordWriter();
  readonly #name: string;
  #departures = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(options: DispatchOptions) {
    this.#options = options;
    this.#name = options.name ?? randomBytes(9).toString('base64url');
  }

  /**
   * Sends batches of different partitions. Each is settled by itself: what became of its events is noted in
   * them, and `settled` is called.
   */
  async send(
    batches: readonly { readonly partition: number; readonly batch: WaitingBatch }[],
    settled: (departure: Departure) => void,
  ): Promise<void> {
    const { dedup, now } = this.#options;
    const startedAt = now();
    const token = `${this.#name}${(this.#departures++).toString(36)}`;
    const keys = joined(batches.map(({ batch }) => batch.keys));
    const group = { token, keys, startedAt, unsettled: batches.length, isWhole: true, held: [] };
    let at = 0;
    const departures = batches.map(({ partition, batch }): Departure => {
      const from = at;
      at += batch.keys.length;
      return { partition, batch, group, keys: keys.subarray(from, at), held: NO_KEYS };
    });
    try {
      const claims = keys.length > 0 ? await dedup.claim(keys, token) : NO_CLAIMS;
      let from = 0;
      for (const departure of departures) {
        const to = from + departure.keys.length / FINGERPRINT_WORDS;
        void this.#store(departure, claims.subarray(from, to), settled);
        from = to;
      }
    } catch (error) {
      for (const departure of departures) this.#giveUp(departure, error, settled);
    }
  }

  /**
   * Makes the claims of settled batches permanent; resolves when that is done. It has been asked for when this
   * returns, so whatever is claimed afterwards here finds them confirmed. Never rejects.
   */
  async confirm(departures: readonly Departure[]): Promise<void> {
    const { dedup, logger, now } = this.#options;
    const calls: Promise<void>[] = [];
    try {
      for (const { group, held } of departures) {
        group.held.push(held);
        const isLast = --group.unsettled === 0;
        if (!isLast && now() - group.startedAt < CONFIRMED_TOGETHER_MS) continue;
        if (!isLast) group.isWhole = false;
        const keys = group.isWhole ? group.keys : joined(group.held);
        group.held = [];
        if (keys.length > 0) calls.push(dedup.confirm(keys, group.token));
      }
      await Promise.all(calls);
    } catch (error) {
      logger.error({ err: error }, 'claims could not be confirmed');
    }
  }

  async #store(
    departure: Departure,
    claims: Uint8Array,
    settled: (departure: Departure) => void,
  ): Promise<void> {
    try {
      const { batch, keys, group } = departure;
      const orphans = applyClaims(batch.events, keys, claims);
      const areAllStored = await this.#append(departure);
      if (orphans !== undefined) await this.#options.dedup.release(orphans, group.token);
      if (areAllStored) departure.held = keys;
      else await this.#giveBack(departure, claims);
    } catch (error) {
      this.#giveUp(departure, error, settled);
      return;
    }
    settled(departure);
  }

  /** A bug, but no reason to leave clients without an answer. */
  #giveUp(departure: Departure, error: unknown, settled: (departure: Departure) => void): void {
    const { partition, batch, group } = departure;
    this.#options.logger.error({ err: error, partition }, 'a batch could not be sent');
    group.isWhole = false;
    settle(batch.events, 0, batch.events.length, 'unknown');
    settled(departure);
  }

  /** What may have been stored keeps its claim: whoever sends it again is told that nothing is sure. */
  async #giveBack(departure: Departure, claims: Uint8Array): Promise<void> {
    const { batch, keys, group } = departure;
    const { events } = batch;
    group.isWhole = false;
    departure.held = heldKeys(events, keys, claims, (event) => event.fate === 'stored');
    const lost = heldKeys(events, keys, claims, (event) => event.fate === 'lost');
    if (lost.length > 0) await this.#options.dedup.release(lost, group.token);
  }

  /** Appends a batch, in as many records as it needs. Gives whether all of it is stored. */
  async #append({ partition, batch, group }: Departure): Promise<boolean> {
    const { events } = batch;
    const deadline = group.startedAt + limits.appendMs;
    for (let start = 0, part = 0; start < events.length; part++) {
      const { data, end } = this.#writer.write(batch, start);
      const recordId = part === 0 ? group.token : `${group.token}.${part}`;
      const stored = await this.#appendRecord(partition, recordId, data, deadline);
      settle(events, start, end, stored);
      start = end;
      if (typeof stored === 'number') continue;
      // A repeat in a later part was stopped because of an event that may be in this one: it must not be
      // told "duplicate" of something that is not there.
      settle(events, start, events.length, 'lost');
      return false;
    }
    return true;
  }

  /** Appends a record, for as long as it takes to know. Gives its sequence, or what became of it. */
  async #appendRecord(
    partition: number,
    recordId: string,
    data: Uint8Array,
    deadline: number,
  ): Promise<number | 'lost' | 'unknown'> {
    const { log, metrics, now, sleep } = this.#options;
    const startedAt = now();
    for (;;) {
      try {
        const sequence = await log.append(partition, recordId, data);
        metrics.recordAppended(data.byteLength, now() - startedAt);
        return sequence;
      } catch (error) {
        if (!(error instanceof TurnpikeError)) throw error;
        const isUnknown = error.failure.code === 'deadline_exceeded';
        if (isUnknown && now() + RETRY_MS < deadline) {
          // With the same id: if the record is there already, this finds it.
          await sleep(RETRY_MS);
          continue;
        }
        metrics.appendFailed();
        this.#warn(error, partition);
        return isUnknown ? 'unknown' : 'lost';
      }
    }
  }

  /** Where one append fails, thousands do: one line a second tells enough. */
  #warn(error: Error, partition: number): void {
    const now = this.#options.now();
    if (now - this.#warnedAt < WARNING_MS) return;
    this.#warnedAt = now;
    this.#options.logger.warn({ err: error, partition }, 'the log does not take records');
  }
}

/** A copy of all of them, one after the other. */
function joined(parts: readonly DedupKeys[]): DedupKeys {
  const all = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Notes what became of events: where they are in the log, or that they are not. */
function settle(
  events: readonly IncomingEvent[],
  start: number,
  end: number,
  outcome: number | 'lost' | 'unknown',
): void {
  for (let at = start; at < end; at++) {
    const event = events[at] as IncomingEvent;
    if (event.fate !== 'waiting') continue;
    if (typeof outcome === 'number') event.sequence = outcome;
    event.fate = typeof outcome === 'number' ? 'stored' : outcome;
  }
}
