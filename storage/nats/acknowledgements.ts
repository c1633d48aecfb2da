/**
 * JetStream's acknowledgements of what is published.
 *
 * A request of the client library makes a promise that is raced against a timer, and an error with its stack even
 * when it succeeds: that was 5 % of a collector's time where events come one by one. Here all messages share an inbox,
 * the reply subject of each ends with its number, and one timer looks after all that is awaited.
 */
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  createInbox,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type PermissionViolationError,
  type Subscription,
} from '@nats-io/transport-node';

/** Milliseconds between two looks at what is overdue. */
const LOOK_MS = 100;
const NO_RESPONDERS = 503;

interface Awaited {
  readonly subject: string;
  /** By `performance.now()`. */
  readonly until: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: Error) => void;
}

export class Acknowledgements {
  readonly #connection: NatsConnection;
  readonly #inbox = `${createInbox()}.`;
  /** By the end of their reply subjects, in the order in which they were sent. */
  readonly #awaited = new Map<string, Awaited>();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /**
   * Publishes at once, and gives the sequence that JetStream has stored the message under. Rejects with its refusal
   * (`JetStreamApiError`), with an error of the client library that says why nothing was sent or taken, with
   * `TimeoutError`, and with what `fail` is given.
   *
   * @param withinMs milliseconds to wait; at most a tenth of a second more
   */
  publish(subject: string, data: Uint8Array, headers: MsgHdrs, withinMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#subscription ??= this.#subscribe();
      const number = (this.#sent++).toString(36);
      this.#connection.publish(subject, data, { headers, reply: this.#inbox + number });
      this.#awaited.set(number, { subject, until: performance.now() + withinMs, resolve, reject });
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    });
  }

  /** Nothing that is awaited will come any more. */
  fail(error: Error): void {
    for (const awaited of this.#awaited.values()) awaited.reject(error);
    this.#awaited.clear();
  }

  /** The server does not permit us to publish on a subject. It does not say which message it means. */
  forbidden(error: PermissionViolationError): void {
    for (const [number, { subject, reject }] of this.#awaited) {
      if (error.operation !== 'publish' || subject !== error.subject) continue;
      this.#awaited.delete(number);
      reject(error);
    }
  }

  #subscribe(): Subscription {
    return this.#connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) return this.#receive(message);
        // We may not hear answers: what was published may be stored. Once it is permitted, the next one is heard.
        this.#subscription = undefined;
        this.fail(new Error(`acknowledgements cannot be heard: ${error.message}`));
      },
    });
  }

  #receive(message: Msg): void {
    const number = message.subject.slice(this.#inbox.length);
    const awaited = this.#awaited.get(number);
    // Who waited for it has given up.
    if (awaited === undefined) return;
    this.#awaited.delete(number);
    try {
      awaited.resolve(sequenceOf(message, awaited.subject));
    } catch (error) {
      awaited.reject(error as Error);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const [number, { until, reject }] of this.#awaited) {
      if (now < until) continue;
      this.#awaited.delete(number);
      reject(new errors.TimeoutError());
    }
    if (this.#awaited.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function sequenceOf(message: Msg, subject: string): number {
  const { data } = message;
  if (data.length === 0 && message.headers?.code === NO_RESPONDERS)
    throw new errors.NoRespondersError(subject);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  const { seq, error } = JSON.parse(text) as {
    seq?: number;
    error?: ConstructorParameters<typeof JetStreamApiError>[0];
  };
  if (error !== undefined) throw new JetStreamApiError(error);
  if (seq === undefined || !Number.isSafeInteger(seq) || seq < 1)
    throw new Error(`JetStream acknowledged with ${text.slice(0, 100)}`);
  return seq;
}
