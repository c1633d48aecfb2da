/**
 * The bus on NATS: subjects `<cluster>.events.<type>`, kept by a JetStream stream for a week, so that
 * consumers may be away for a while. A message's id is its event's.
 */
import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { limits } from '../../limits.ts';
import type { CloudEvent } from '../../model/domain-event.ts';
import { fail } from '../../model/errors.ts';
import { apiErrorOf, natsFailure } from '../nats/failures.ts';
import { NatsLink } from '../nats/link.ts';
import { messageId, publish } from '../nats/publish.ts';
import type { EventBus } from './port.ts';

const KEPT_NANOS = 7 * 86_400_000 * 1_000_000;
/** As long as JetStream lets ids be remembered at no great cost. */
const ID_MEMORY_NANOS = 2 * 60_000 * 1_000_000;
const NAME_IN_USE = 10_058;

export interface NatsBusOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** Begins the subjects: letters, digits, `_` and `-`. Default: `turnpike`. */
  readonly cluster?: string;
  /** Servers that hold a copy of the stream, when it is created: 1 (default) to 5. */
  readonly replicas?: number;
}

/**
 * Opens the bus, and creates its stream if there is none.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached
 */
export async function openNatsBus(options: NatsBusOptions): Promise<EventBus> {
  const { url, cluster = 'turnpike', replicas = 1 } = options;
  if (!/^[\w-]+$/.test(cluster)) fail('invalid_argument', 'a cluster has a name of letters, digits, _ and -');
  const link = await NatsLink.open({ url, name: `${cluster} events` });
  try {
    await ensureStream(link, cluster, replicas);
    return new NatsBus(link, cluster);
  } catch (error) {
    await link.close();
    throw error;
  }
}

class NatsBus implements EventBus {
  readonly #link: NatsLink;
  readonly #cluster: string;

  constructor(link: NatsLink, cluster: string) {
    this.#link = link;
    this.#cluster = cluster;
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    for (const event of events) {
      const message = {
        subject: `${this.#cluster}.events.${event.type}`,
        data: Buffer.from(JSON.stringify(event)),
        id: messageId(event.id),
      };
      const { fate, ...publication } = await publish(this.#link, message, limits.appendMs);
      if (fate === 'stored') continue;
      const cause = 'cause' in publication ? publication.cause : undefined;
      throw natsFailure('unavailable', `the event ${event.id} cannot be published`, cause);
    }
  }

  subscribe(hear: (event: CloudEvent) => void): () => void {
    const subscription = this.#link.connection.subscribe(`${this.#cluster}.events.>`, {
      callback: (_error, message) => {
        const event = read(message.data);
        if (event) hear(event);
      },
    });
    return () => subscription.unsubscribe();
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The event of a message; `undefined` if it is none of ours. */
function read(data: Uint8Array): CloudEvent | undefined {
  try {
    return JSON.parse(Buffer.from(data).toString()) as CloudEvent;
  } catch {
    return undefined;
  }
}

async function ensureStream(link: NatsLink, cluster: string, replicas: number): Promise<void> {
  const name = `${cluster}-events`;
  try {
    await link.ask(`the stream ${name} cannot be created`, () =>
      link.manager.streams.add({
        name,
        subjects: [`${cluster}.events.>`],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        num_replicas: replicas,
        max_age: KEPT_NANOS,
        duplicate_window: ID_MEMORY_NANOS,
      }),
    );
  } catch (error) {
    if (apiErrorOf(error)?.code !== NAME_IN_USE) throw error;
  }
}
