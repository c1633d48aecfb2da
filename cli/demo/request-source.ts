/**
 * Turns the plan into requests: batches, and single events, pixels and redirects between them. Conversions
 * come some time after their clicks were answered, deliberate repeats some time after the first.
 */
import type { HttpRequest } from '../traffic/http-client.ts';
import type { AgentPicker } from './agents.ts';
import type { Channel, PlannedEvent } from './plan.ts';
import type { SeededRandom } from './random.ts';

export interface SentEvent {
  readonly planned: PlannedEvent;
  /** The second sending, on purpose, of the same event. */
  readonly isRepeat: boolean;
  /** JSON of the event, or the path of its pixel or redirect. */
  readonly text: string;
}

export interface TrafficRequest {
  readonly http: HttpRequest;
  readonly channel: Channel;
  readonly events: readonly SentEvent[];
  /** Sent with the agent of a robot. */
  readonly isRobot: boolean;
}

export interface RequestSourceOptions {
  readonly plan: { next(): PlannedEvent | undefined };
  readonly agents: AgentPicker;
  readonly random: SeededRandom;
  readonly batchSize: number;
}

interface Waiting {
  readonly event: SentEvent;
  /** Number of planned events after which it is sent. */
  readonly due: number;
}

/** Events that come after other ones; at most this many planned events later. */
const LONGEST_DELAY = 2_000;
/** Bytes of a body at most: well under what the collector takes. */
const BODY_BYTES = 900_000;

export class RequestSource {
  readonly #options: RequestSourceOptions;
  readonly #delay: number;
  /** Both in the order in which they are due. */
  readonly #conversions = new Queue();
  readonly #repeats = new Queue();
  #batch: SentEvent[] = [];
  #batchBytes = 0;
  #planned = 0;
  /** No longer waits for what is due later. */
  #flushing = false;
  #stopped = false;

  constructor(options: RequestSourceOptions) {
    this.#options = options;
    this.#delay = Math.min(LONGEST_DELAY, options.batchSize * 2);
  }

  /** Whether something is left to send; conversions appear while clicks are answered. */
  get hasMore(): boolean {
    return !this.#stopped && this.#batch.length + this.#conversions.size + this.#repeats.size > 0;
  }

  /**
   * The next request. `undefined` when all that is planned has been given out; conversions may still
   * follow once the clicks under way are answered: then `hasMore` is true.
   */
  next(): TrafficRequest | undefined {
    while (!this.#stopped) {
      const event = this.#nextEvent();
      if (event === undefined) return this.#batch.length > 0 ? this.#takeBatch() : undefined;
      if (event.planned.channel !== 'batch') return this.#alone(event);
      const before = this.#batchBytes + event.text.length > BODY_BYTES ? this.#takeBatch() : undefined;
      this.#add(event);
      if (before !== undefined) return before;
      if (this.#batch.length >= this.#options.batchSize) return this.#takeBatch();
    }
    return undefined;
  }

  /** Sends nothing more than what has been given out. */
  stop(): void {
    this.#stopped = true;
  }

  /** A click was answered for the first time: its conversion may follow. Without an id it comes without. */
  clickAnswered(click: PlannedEvent, clickId: string | undefined): void {
    if (click.conversion === undefined) return;
    const { content } = click.conversion;
    const text = clickId === undefined ? `${content}}` : `${content},"click_id":"${clickId}"}`;
    this.#conversions.push({
      event: { planned: click.conversion, isRepeat: false, text },
      due: this.#planned + this.#delay,
    });
  }

  #nextEvent(): SentEvent | undefined {
    const waiting = this.#conversions.take(this.#horizon()) ?? this.#repeats.take(this.#horizon());
    if (waiting !== undefined) return waiting.isRepeat ? waiting : this.#withRepeat(waiting);
    const planned = this.#options.plan.next();
    if (planned === undefined) {
      if (this.#flushing) return undefined;
      this.#flushing = true;
      return this.#nextEvent();
    }
    this.#planned++;
    const isPath = planned.channel === 'pixel' || planned.channel === 'redirect';
    return this.#withRepeat({
      planned,
      isRepeat: false,
      text: isPath ? planned.content : `${planned.content}}`,
    });
  }

  #horizon(): number {
    return this.#flushing ? Number.POSITIVE_INFINITY : this.#planned;
  }

  #withRepeat(event: SentEvent): SentEvent {
    if (event.planned.repeat === 'later') {
      this.#repeats.push({ event: { ...event, isRepeat: true }, due: this.#planned + this.#delay });
    }
    return event;
  }

  #add(event: SentEvent): void {
    this.#batch.push(event);
    this.#batchBytes += event.text.length + 1;
    if (event.planned.repeat === 'beside' && !event.isRepeat) this.#add({ ...event, isRepeat: true });
  }

  #takeBatch(): TrafficRequest {
    const events = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    return this.#post('batch', events, `[${events.map(({ text }) => text).join(',')}]`);
  }

  #alone(event: SentEvent): TrafficRequest {
    const { channel } = event.planned;
    if (channel === 'single') return this.#post(channel, [event], event.text);
    const { userAgent, isRobot } = this.#options.agents.pick(this.#options.random);
    const headers = { 'user-agent': userAgent, referer: 'https://www.example.org/' };
    return { http: { method: 'GET', path: event.text, headers }, channel, events: [event], isRobot };
  }

  #post(channel: 'batch' | 'single', events: readonly SentEvent[], body: string): TrafficRequest {
    const { userAgent, isRobot } = this.#options.agents.pick(this.#options.random);
    const headers = { 'content-type': 'application/json', 'user-agent': userAgent };
    return { http: { method: 'POST', path: '/v1/events', headers, body }, channel, events, isRobot };
  }
}

/** A queue whose entries are due in the order in which they came. */
class Queue {
  #entries: Waiting[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Waiting): void {
    this.#entries.push(entry);
  }

  /** The first entry, if it is due at `now`. */
  take(now: number): SentEvent | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined || entry.due > now) return undefined;
    this.#head++;
    // The part that has been taken is given back in large pieces.
    if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry.event;
  }
}
