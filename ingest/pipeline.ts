/**
 * The way of an event: decode → identify → admit → wait in the lane of its partition → `dedup.claim` →
 * `log.append` → `dedup.confirm` → reply.
 *
 * The first three happen at once, for all events of a request together: it is taken as a whole or
 * refused as a whole. `receive` is that part; `dispatch.ts` is the rest, for all that waits in some lanes.
 */
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import { type Clock, SYSTEM_CLOCK } from '../model/clock.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import type { Log } from '../storage/log/port.ts';
import { admit } from './admission.ts';
import { type Departure, Dispatch } from './dispatch.ts';
import { type IdentityOptions, identify } from './identity.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { Lane } from './lane.ts';
import type { IngestMetrics } from './metrics.ts';
import type { Networks } from './networks.ts';
import { overloaded } from './problem.ts';
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

/**
 * Turns of the event loop for which events are gathered at most before lanes let go what they hold, and events
 * that are enough.
 */
const GATHERING_TURNS = 16;
const EVENTS_ENOUGH = 1_024;

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #lanes: readonly Lane[];
  readonly #throttle = new Throttle();
  readonly #dispatch: Dispatch;
  readonly #defer: (work: () => void) => void;
  /** Lanes that are due to send what they hold. */
  readonly #due: Lane[] = [];
  /** Events that came since the last look at whether any still come, and since the last departure. */
  #arrived = 0;
  #gathered = 0;
  /** Looks since the last departure. */
  #turns = 0;
  /** Batches whose clients are to be told. */
  #settled: Departure[] = [];
  #busyLanes = 0;
  /** Confirmations under way. */
  #confirming = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#dispatch = new Dispatch({ ...options, sleep: options.sleep ?? SYSTEM_CLOCK.sleep });
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
    return this.#busyLanes === 0 && this.#settled.length === 0 && this.#confirming === 0;
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
    this.#arrived++;
    this.#gathered++;
    if (lane.isBusy) return;
    lane.isBusy = true;
    this.#busyLanes++;
    this.#isDue(lane);
  }

  /**
   * Lets those lanes leave that are due: not while every turn of the event loop still brings events, but then
   * all together. Where there is little to do that is at once.
   */
  readonly #gather = (): void => {
    if (this.#arrived > 0 && this.#turns < GATHERING_TURNS && this.#gathered < EVENTS_ENOUGH) {
      this.#arrived = 0;
      this.#turns++;
      this.#defer(this.#gather);
      return;
    }
    this.#arrived = 0;
    this.#turns = 0;
    this.#gathered = 0;
    const batches: { partition: number; batch: WaitingBatch }[] = [];
    for (const lane of this.#due) {
      const batch = lane.take();
      if (batch !== undefined) batches.push({ partition: lane.partition, batch });
    }
    this.#due.length = 0;
    void this.#dispatch.send(batches, this.#settle);
  };

  readonly #settle = (departure: Departure): void => {
    const lane = this.#lanes[departure.partition] as Lane;
    lane.waiting -= departure.batch.events.length;
    // Not at once: others arrive at the same moment.
    if (this.#settled.push(departure) === 1) this.#defer(this.#reply);
    if (lane.isEmpty) {
      lane.isBusy = false;
      this.#busyLanes--;
    } else this.#isDue(lane);
  };

  #isDue(lane: Lane): void {
    if (this.#due.push(lane) === 1) this.#defer(this.#gather);
  }

  /** Answers the requests of which the last events are settled. */
  readonly #reply = (): void => {
    const departures = this.#settled;
    this.#settled = [];
    this.#confirming++;
    void this.#dispatch.confirm(departures).then(() => {
      this.#confirming--;
      this.#tellIdle();
    });
    for (const { batch } of departures) {
      for (const event of batch.events) {
        const submission = event.submission as Submission;
        if (event.fate !== 'stored') submission.failed = true;
        if (--submission.outstanding === 0) this.#answer(submission);
      }
      batch.recycle();
    }
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
