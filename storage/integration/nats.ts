/**
 * Integration events on NATS: subjects `<cluster>.integration.>`, kept by a JetStream stream for a week, and a
 * durable consumer that all who take events share. An event is acknowledged when it was taken; one that is refused
 * is terminated; whatever else became of it, it is delivered again.
 */
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, StorageType } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import { fail } from '../../model/errors.ts';
import { natsFailure } from '../nats/failures.ts';
import { NatsLink } from '../nats/link.ts';
import { messageId, publish } from '../nats/publish.ts';
import { createStream } from '../nats/streams.ts';
import type { IntegrationFeed, Taker } from './port.ts';

const NANOS = 1_000_000;
const KEPT_NANOS = 7 * 86_400_000 * NANOS;
/** Longer than the commands of an event may take together. */
const ACK_NANOS = 4 * limits.commandMs * NANOS;
/** Milliseconds that one request for events waits for some. */
const FETCH_MS = 2_000;
const EVENTS_AT_ONCE = 16;
/** Milliseconds until an event that could not be taken comes again, and until NATS is asked again. */
const RETRY_MS = 1_000;
const CONSUMER = 'management';

export interface NatsIntegrationOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** Begins the subjects: letters, digits, `_` and `-`. Default: `turnpike`. */
  readonly cluster?: string;
  /** Servers that hold a copy of the stream, when it is created: 1 (default) to 5. */
  readonly replicas?: number;
  readonly logger: Logger;
}

/**
 * Connects, and creates the stream and its consumer if they are missing.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached
 */
export async function openNatsIntegration(options: NatsIntegrationOptions): Promise<IntegrationFeed> {
  const { url, cluster = 'turnpike', replicas = 1, logger } = options;
  if (!/^[\w-]+$/.test(cluster)) fail('invalid_argument', 'a cluster has a name of letters, digits, _ and -');
  const link = await NatsLink.open({ url, name: `${cluster} integration` });
  try {
    const stream = `${cluster}-integration`;
    await createStream(link, {
      name: stream,
      subjects: [`${cluster}.integration.>`],
      storage: StorageType.File,
      num_replicas: replicas,
      max_age: KEPT_NANOS,
    });
    await link.ask(`the consumer of ${stream} cannot be created`, () =>
      link.manager.consumers.add(stream, {
        durable_name: CONSUMER,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ack_wait: ACK_NANOS,
        max_deliver: -1,
      }),
    );
    return new NatsIntegration(link, cluster, stream, logger);
  } catch (error) {
    await link.close();
    throw error;
  }
}

class NatsIntegration implements IntegrationFeed {
  readonly #link: NatsLink;
  readonly #cluster: string;
  readonly #stream: string;
  readonly #logger: Logger;

  constructor(link: NatsLink, cluster: string, stream: string, logger: Logger) {
    this.#link = link;
    this.#cluster = cluster;
    this.#stream = stream;
    this.#logger = logger;
  }

  take(taker: Taker): () => Promise<void> {
    const stopping = new AbortController();
    const ended = this.#live(taker, stopping.signal);
    return async () => {
      stopping.abort();
      await ended;
    };
  }

  async send(type: string, event: unknown): Promise<void> {
    const id = (event as { readonly id?: unknown } | null)?.id;
    const message = {
      subject: `${this.#cluster}.integration.${type}`,
      data: Buffer.from(JSON.stringify(event)),
      id: messageId(typeof id === 'string' ? `${type} ${id}` : crypto.randomUUID()),
    };
    const { fate, ...publication } = await publish(this.#link, message, limits.appendMs);
    if (fate === 'stored') return;
    throw natsFailure(
      'unavailable',
      'the event cannot be sent',
      'cause' in publication ? publication.cause : undefined,
    );
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Asks for events until it is stopped, however often NATS goes away. */
  async #live(taker: Taker, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#link.isClosed) {
      try {
        const consumer = await this.#link.jetstream.consumers.get(this.#stream, CONSUMER);
        while (!signal.aborted) await this.#takeSome(consumer, taker, signal);
      } catch (error) {
        if (signal.aborted || this.#link.isClosed) return;
        this.#logger.warn({ err: error }, 'integration events cannot be asked for; again');
        await sleep(RETRY_MS, signal);
      }
    }
  }

  async #takeSome(consumer: Consumer, taker: Taker, signal: AbortSignal): Promise<void> {
    const messages = await consumer.fetch({ max_messages: EVENTS_AT_ONCE, expires: FETCH_MS });
    const stop = (): void => messages.stop();
    signal.addEventListener('abort', stop);
    try {
      for await (const message of messages) {
        // What was delivered and not taken any more comes again.
        if (signal.aborted) message.nak();
        else await this.#takeOne(message, taker);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #takeOne(message: JsMsg, taker: Taker): Promise<void> {
    const { subject, seq } = message;
    let event: unknown;
    try {
      event = message.json();
    } catch {
      this.#logger.error({ subject, sequence: seq, reason: 'it is not JSON' }, 'integration event refused');
      message.term();
      return;
    }
    try {
      const taken = await taker(event);
      if (taken.kind === 'done') message.ack();
      else {
        this.#logger.error({ subject, sequence: seq, reason: taken.reason }, 'integration event refused');
        message.term();
      }
    } catch (error) {
      this.#logger.warn({ err: error, subject, sequence: seq }, 'integration event not taken; again');
      message.nak(RETRY_MS);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
