/**
 * The delivery of a stream's messages by one consumer. The consumer is short-lived: where anything is out
 * of order, the delivery ends, and the reader starts another where this one stopped.
 *
 * Messages are pulled: the server sends what was asked for and no more, so a reader that is slow holds up
 * nobody and keeps little in memory. While a pull is open the server sends heartbeats; silence is a loss.
 */
import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import { type DeliveryFacts, deliveryOf } from './delivery-facts.ts';
import { natsFailure } from './failures.ts';
import type { NatsLink } from './link.ts';

/** What one pull asks for: room for at least two of the largest messages. */
export const PULL_BYTES = 2 * 1024 * 1024;
export const PULL_MESSAGES = 256;

const PULL_MS = 30_000;
const HEARTBEAT_MS = 1_000;
const SILENCE_MS = 4_000;
/** The server forgets a consumer that nobody pulls from after this long. */
const FORGOTTEN_MS = 60_000;
const NANOS_PER_MS = 1_000_000;

const HEARTBEAT = 100;
const PULL_EXPIRED = 408;
const PULL_ENDED = 409;

export interface DeliveryEvents {
  /** The message's data lies in a buffer of the client, at any address: what is kept must be copied. */
  readonly message: (facts: DeliveryFacts, message: Msg) => void;
  /** The pull is over, with all that it asked for or with less. */
  readonly pulled: () => void;
}

export class Delivery {
  /** Resolves when nothing more will come; with a failure if another delivery would not fare better. */
  readonly ended: Promise<Error | undefined>;
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #consumer: string;
  readonly #events: DeliveryEvents;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #watchdog: NodeJS.Timeout;
  readonly #forgetLoss: () => void;
  /** How many messages the consumer has delivered. */
  #delivered = 0;
  #pulls = 0;
  /** Messages that the open pull still waits for; 0: none is open. */
  #awaited = 0;
  #heardAt = performance.now();
  #checkedAt = performance.now();
  #tellEnded: (failure: Error | undefined) => void = () => undefined;
  #hasEnded = false;

  private constructor(link: NatsLink, stream: string, consumer: string, events: DeliveryEvents) {
    this.#link = link;
    this.#stream = stream;
    this.#consumer = consumer;
    this.#events = events;
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    this.#subscription = link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error) this.stop(error);
        else this.#receive(message);
      },
    });
    this.#forgetLoss = link.onLost(() => this.stop());
    this.#watchdog = setInterval(() => this.#listen(), HEARTBEAT_MS);
  }

  /** Begins at a sequence or the first message kept after it. Earlier ones may come too. */
  static async start(
    link: NatsLink,
    stream: string,
    fromSequence: number,
    events: DeliveryEvents,
  ): Promise<Delivery> {
    const { name } = await link.whileConnected(
      link.manager.consumers.add(stream, {
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: fromSequence,
        replay_policy: ReplayPolicy.Instant,
        inactive_threshold: FORGOTTEN_MS * NANOS_PER_MS,
        mem_storage: true,
        num_replicas: 1,
      }),
    );
    return new Delivery(link, stream, name, events);
  }

  /** Asks for more messages, unless it is asking already. */
  pull(): void {
    if (this.#awaited > 0 || this.#hasEnded || this.#link.isClosed) return;
    this.#awaited = PULL_MESSAGES;
    this.#heardAt = performance.now();
    const request = {
      batch: PULL_MESSAGES,
      max_bytes: PULL_BYTES,
      expires: PULL_MS * NANOS_PER_MS,
      idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS,
    };
    this.#link.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#consumer}`,
      JSON.stringify(request),
      { reply: `${this.#inbox}.${++this.#pulls}` },
    );
  }

  /** Ends the delivery: no message comes any more. */
  stop(failure?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#tellEnded(failure);
    this.#forgetLoss();
    clearInterval(this.#watchdog);
    if (this.#link.isClosed) return;
    this.#subscription.unsubscribe();
    if (!this.#link.isConnected) return;
    // A courtesy: the server would forget the consumer by itself.
    this.#link.manager.consumers.delete(this.#stream, this.#consumer).catch(() => undefined);
  }

  #receive(message: Msg): void {
    this.#heardAt = performance.now();
    const { reply } = message;
    try {
      // Only messages of the stream have one. Their headers, which take time to read, are none of our business.
      if (reply) this.#deliver(message, reply);
      else if (message.subject === `${this.#inbox}.${this.#pulls}`)
        this.#status(message.headers?.code ?? 0, message.headers?.description ?? '');
    } catch (error) {
      // For who reads, not for the client library, which calls us.
      this.stop(error as Error);
    }
  }

  #deliver(message: Msg, reply: string): void {
    const facts = deliveryOf(reply);
    if (facts.delivery !== ++this.#delivered) {
      // One was lost on the way.
      this.stop();
      return;
    }
    this.#awaited--;
    this.#events.message(facts, message);
    if (this.#awaited === 0) this.#events.pulled();
  }

  #status(status: number, description: string): void {
    if (status === HEARTBEAT) return;
    const isFull = status === PULL_ENDED && /message size exceeds/i.test(description);
    if (isFull && this.#awaited === PULL_MESSAGES) {
      this.stop(
        natsFailure('failed_precondition', `a message of ${this.#stream} exceeds ${PULL_BYTES} bytes`),
      );
    } else if (isFull || status === PULL_EXPIRED) {
      this.#awaited = 0;
      this.#events.pulled();
    } else {
      // The consumer is gone or has another leader.
      this.stop();
    }
  }

  #listen(): void {
    const now = performance.now();
    // After a pause of our own, what was sent meanwhile is still to be read.
    if (now - this.#checkedAt > 2 * HEARTBEAT_MS) this.#heardAt = now;
    this.#checkedAt = now;
    if (this.#awaited > 0 && now - this.#heardAt > SILENCE_MS) this.stop();
  }
}
