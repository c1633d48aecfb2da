/**
 * The distributed log: NATS JetStream. Any number of processes and threads append and read.
 *
 * An append resolves once the server has written the record: it survives the server, and with several
 * replicas the loss of a machine. See `jetstream-streams.ts` for the layout, `../nats/publish.ts` for how a
 * record is stored once, `jetstream-reader.ts` for how outages are bridged.
 *
 * The time of a record is the server's. A server's clock may step back, or another server's differ, so a
 * reader gives no record an earlier time than the one before it. A reader that begins in the middle does
 * not know what came before: whoever goes on from there with a time of his own takes the later of the two.
 *
 * It needs nothing that NATS 2.9 does not have.
 */
import { limits } from '../../limits.ts';
import { fail } from '../../model/errors.ts';
import { NatsLink } from '../nats/link.ts';
import { JetStreamAppender, logClosed } from './jetstream-appender.ts';
import { JetStreamReaders } from './jetstream-reader.ts';
import { ensureStreams, streamName } from './jetstream-streams.ts';
import { JetStreamTails } from './jetstream-tails.ts';
import type { Log, LogReader } from './port.ts';

const CLUSTER = 'turnpike';

export interface JetStreamLogOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** Begins the names of streams and subjects: letters, digits, `_` and `-`. Default: `turnpike`. */
  readonly cluster?: string;
  /** A log keeps the number it was created with. */
  readonly partitions: number;
  /** Servers that hold a copy of each partition, when the log is created: 1 (default) to 5. */
  readonly replicas?: number;
  /** Bytes a partition may hold, when the log is created; a full one refuses. Default: unlimited. */
  readonly partitionBytes?: number;
}

/**
 * Opens the log, and creates it if there is none.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached; `failed_precondition` if the log was
 *   created with another number of partitions, or the server has no JetStream or takes too small messages
 */
export async function openJetStreamLog(options: JetStreamLogOptions): Promise<JetStreamLog> {
  const { url, cluster = CLUSTER, partitions, replicas = 1, partitionBytes } = options;
  const link = await openLink(url, cluster, 'log');
  try {
    await ensureStreams(link, { cluster, partitions, replicas, partitionBytes });
    return new JetStreamLog(link, cluster, partitions);
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The part of the log that threads need that only read. */
export type JetStreamLogReader = Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'close'>;

/**
 * Opens for reading a log that another thread of the process has opened: over a connection of its own, but
 * without a look at what there is.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached; `failed_precondition` if the server has no
 *   JetStream or takes too small messages
 */
export async function openJetStreamReader(
  options: Pick<JetStreamLogOptions, 'url' | 'cluster' | 'partitions'>,
): Promise<JetStreamLogReader> {
  const { url, cluster = CLUSTER, partitions } = options;
  return new JetStreamLog(await openLink(url, cluster, 'reader'), cluster, partitions);
}

function openLink(url: string, cluster: string, purpose: string): Promise<NatsLink> {
  if (!/^[\w-]+$/.test(cluster)) fail('invalid_argument', 'a cluster has a name of letters, digits, _ and -');
  return NatsLink.open({ url, name: `${cluster} ${purpose}` });
}

export class JetStreamLog implements Log {
  readonly partitions: number;
  readonly #link: NatsLink;
  readonly #cluster: string;
  readonly #appender: JetStreamAppender;
  readonly #readers: JetStreamReaders;
  readonly #tails: JetStreamTails;
  #closing: Promise<void> | undefined;

  constructor(link: NatsLink, cluster: string, partitions: number) {
    this.partitions = partitions;
    this.#link = link;
    this.#cluster = cluster;
    this.#appender = new JetStreamAppender(link, cluster);
    this.#readers = new JetStreamReaders(link);
    this.#tails = new JetStreamTails(link, cluster);
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (data.byteLength > limits.recordBytes) throw new Error(`a record of ${data.byteLength} bytes`);
    return this.#appender.append(this.#checked(partition), recordId, data);
  }

  async lastSequence(partition: number): Promise<number> {
    return this.#tails.last(this.#checked(partition));
  }

  /** Bytes that the records take, in one copy. @throws TurnpikeError `unavailable` */
  async bytes(): Promise<number> {
    return this.#link.ask('the streams of the log do not tell their size', async () => {
      let bytes = 0;
      for await (const { state } of this.#link.manager.streams.list(`${this.#cluster}.log.*`))
        bytes += state.bytes;
      return bytes;
    });
  }

  read(partition: number, fromSequence: number): LogReader {
    return this.#readers.read(streamName(this.#cluster, this.#checked(partition)), fromSequence);
  }

  async trim(partition: number, beforeSequence: number): Promise<void> {
    if (this.#closing) throw logClosed();
    // Purging beyond the end would move the end.
    const end = (await this.lastSequence(partition)) + 1;
    const seq = Math.min(beforeSequence, end);
    if (seq <= 1) return;
    const stream = streamName(this.#cluster, partition);
    await this.#link.ask(`the stream ${stream} cannot be trimmed`, () =>
      this.#link.manager.streams.purge(stream, { seq }),
    );
  }

  /** Waits for what was appended, ends all iterations, and closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appender.close();
    this.#readers.closeAll();
    await this.#link.close();
  }

  #checked(partition: number): number {
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.partitions)
      throw new Error(`partition ${partition} of ${this.partitions}`);
    return partition;
  }
}
