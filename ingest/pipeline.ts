/**
 * The way of an event: decode → identify → admit → wait in the lane of its partition → `dedup.claim` →
 * `log.append` → `dedup.confirm` → reply.
 *
 * The first three happen at once, for all events of a request together: it is taken as a whole or
 * refused as a whole. `receive` is that part; `#send` is the rest, for all that waits in one lane.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import { type Clock, SYSTEM_CLOCK } from '../model/clock.ts';
import { TurnpikeError } from '../model/errors.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import type { Log } from '../storage/log/port.ts';
import { admit } from './admission.ts';
import { applyClaims, heldKeys } from './claims.ts';
import { type IdentityOptions, identify } from './identity.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { Lane } from './lane.ts';
import type { IngestMetrics } from './metrics.ts';
import type { Networks } from './networks.ts';
import { overloaded } from './problem.ts';
import { RecordWriter } from './record-writer.ts';
import { type Arrival, Submission } from './submission.ts';
import { refuseIfAllAre, Throttle } from './throttle.ts';
import type { Secrets, WaitingBatch } from './waiting-batch.ts';

export interface PipelineOptions extends IdentityOptions {
  readonly log: Pick<Log, 'append'>;
  readonly dedup: Pick<Dedup, 'claim' | 'confirm' | 'release'>;
  readonly secrets: Secrets;
  readonly partitions: number;
  readonly dataCentres?: Networks;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Lets time pass between attempts; the system's if not given. */
  readonly sleep?: Clock['sleep'];
  /** Runs `work` once all that is there by now has been dealt with; `setImmediate` if not given. */
  readonly defer?: (work: () => void) => void;
  /** Names this collector's claims and records: unlike any other, ever. Random if not given. */
  readonly name?: string;
}

/** Pause before an append whose outcome is unknown is repeated, in milliseconds. */
const RETRY_MS = 50;
/** Pause between two warnings of the log's failure, in milliseconds. */
const WARNING_MS = 1_000;
const NO_CLAIMS = new Uint8Array(0);

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #lanes: readonly Lane[];
  readonly #throttle = new Throttle();
  readonly #writer = new RecordWriter();
  readonly #name: string;
  readonly #sleep: Clock['sleep'];
  readonly #defer: (work: () => void) => void;
  #flushes = 0;
  /** Lanes that are due to send what they hold. */
  #due: Lane[] = [];
  /** Batches whose clients are to be told. */
  #settled: WaitingBatch[] = [];
  #busyLanes = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #whenIdle: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#name = options.name ?? randomBytes(9).toString('base64url');
    this.#sleep = options.sleep ?? SYSTEM_CLOCK.sleep;
    this.#defer = options.defer ?? setImmediate;
    this.#lanes = Array.from({ length: options.partitions }, (_, partition) => new Lane(partition));
  }

  /** Events that wait for their append. */
  get waiting(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  /**
   * Takes the events of a request. Once all of them are in the log, or it is certain that not all will
   * be, `answer` is called.
   *
   * @param decode puts what was sent into the submission's events
   * @throws Problem if the request is refused: then nothing of it is counted
   */
  receive(
    arrival: Arrival,
    decode: (submission: Submission) => void,
    answer: (submission: Submission) => void,
  ): void {
    const submission = new Submission(arrival, answer);
    const { events } = submission;
    decode(submission);
    for (const event of events) {
      identify(event, arrival, this.#options);
      admit(event, arrival, this.#options);
    }
    this.#throttle.apply(submission);
    refuseIfAllAre(events);
    this.#checkRoom(events);
    for (const event of events) if (event.partition >= 0) this.#enqueue(event, submission);
    if (submission.outstanding === 0) this.#answer(submission);
  }

  /** Resolves once nothing waits any more, neither for the log nor for an answer. */
  async idle(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#busyLanes === 0 && this.#settled.length === 0;
  }

  /** @throws Problem if a lane has no room for all that the request asks of it */
  #checkRoom(events: readonly IncomingEvent[]): void {
    let isFull = false;
    for (const { partition } of events) {
      const lane = this.#lanes[partition];
      if (lane && ++lane.asked + lane.waiting > limits.eventsWaitingPerPartition) isFull = true;
    }
    for (const { partition } of events) {
      const lane = this.#lanes[partition];
      if (lane) lane.asked = 0;
    }
    if (isFull) throw overloaded('too many events wait for the log: send the request again');
  }

  #enqueue(event: IncomingEvent, submission: Submission): void {
    const lane = this.#lanes[event.partition] as Lane;
    event.submission = submission;
    submission.outstanding++;
    lane.add(event, this.#options.secrets, submission.arrival.receivedAt);
    if (lane.isBusy) return;
    lane.isBusy = true;
    this.#busyLanes++;
    // Not at once: other requests that have arrived by now go along.
    if (this.#due.push(lane) === 1) this.#defer(this.#flushDue);
  }

  readonly #flushDue = (): void => {
    const lanes = this.#due;
    this.#due = [];
    for (const lane of lanes) void this.#flush(lane);
  };

  /** Sends what waits in a lane, batch after batch, until nothing does. */
  async #flush(lane: Lane): Promise<void> {
    for (let batch = lane.take(); batch !== undefined; batch = lane.take()) {
      try {
        await this.#send(lane.partition, batch);
      } catch (error) {
        // A bug, but no reason to leave clients without an answer.
        this.#options.logger.error({ err: error, partition: lane.partition }, 'a batch could not be sent');
        settle(batch.events, 0, batch.events.length, 'unknown');
      }
      lane.waiting -= batch.events.length;
      // Not at once: first all lanes send what they have, and while that is on its way, clients are told.
      if (this.#settled.push(batch) === 1) this.#defer(this.#replyToSettled);
    }
    lane.isBusy = false;
    this.#busyLanes--;
    this.#tellIdle();
  }

  async #send(partition: number, batch: WaitingBatch): Promise<void> {
    const { dedup, now } = this.#options;
    const { events, keys } = batch;
    const token = `${this.#name}${(this.#flushes++).toString(36)}`;
    const deadline = now() + limits.appendMs;
    const claims = keys.length > 0 ? await dedup.claim(keys, token) : NO_CLAIMS;
    const orphans = applyClaims(events, keys, claims);

    let areAllStored = true;
    for (let start = 0, part = 0; start < events.length; part++) {
      const { data, end } = this.#writer.write(batch, start);
      const recordId = part === 0 ? token : `${token}.${part}`;
      const stored = await this.#append(partition, recordId, data, deadline);
      settle(events, start, end, stored);
      start = end;
      if (typeof stored === 'number') continue;
      areAllStored = false;
      // A repeat in a later part was stopped because of an event that may be in this one: it must not be
      // told "duplicate" of something that is not there.
      settle(events, start, events.length, 'lost');
      break;
    }

    if (keys.length === 0) return;
    if (orphans !== undefined) await dedup.release(orphans, token);
    if (areAllStored) return dedup.confirm(keys, token);
    // What may have been stored keeps its claim: whoever sends it again is told that nothing is sure.
    const confirmed = heldKeys(events, keys, claims, (event) => event.fate === 'stored');
    if (confirmed.length > 0) await dedup.confirm(confirmed, token);
    const lost = heldKeys(events, keys, claims, (event) => event.fate === 'lost');
    if (lost.length > 0) await dedup.release(lost, token);
  }

  /** Appends a record, for as long as it takes to know. Gives its sequence, or what became of it. */
  async #append(
    partition: number,
    recordId: string,
    data: Uint8Array,
    deadline: number,
  ): Promise<number | 'lost' | 'unknown'> {
    const { log, metrics, now } = this.#options;
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
          await this.#sleep(RETRY_MS);
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

  /** Answers the requests of which the last events are settled. */
  readonly #replyToSettled = (): void => {
    const batches = this.#settled;
    this.#settled = [];
    for (const batch of batches) {
      for (const event of batch.events) {
        const submission = event.submission as Submission;
        if (event.fate !== 'stored') submission.failed = true;
        if (--submission.outstanding === 0) this.#answer(submission);
      }
      batch.recycle();
    }
    this.#tellIdle();
  };

  #tellIdle(): void {
    if (!this.#isIdle) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #answer(submission: Submission): void {
    try {
      submission.answer(submission);
      if (!submission.failed) this.#options.metrics.eventsAnswered(submission.events);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a request could not be answered');
      submission.arrival.exchange.fail();
    }
  }
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
