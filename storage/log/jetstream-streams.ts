/**
 * How the distributed log lies in JetStream: a stream per partition, so that a record's sequence in its
 * stream is its sequence in the partition, and each partition has a leader and copies of its own.
 *
 *     stream  <cluster>-log-<partition>
 *     subject <cluster>.log.<partition>
 */
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { fail } from '../../model/errors.ts';
import type { NatsLink } from '../nats/link.ts';
import { createStream, type NewStream } from '../nats/streams.ts';

/** How long the port promises to know an id. */
export const ID_MEMORY_MS = 2 * 60_000;
const NANOS_PER_MS = 1_000_000;

export interface StreamOptions {
  readonly cluster: string;
  readonly partitions: number;
  /** Servers that hold a copy of each partition. */
  readonly replicas: number;
  /** Bytes a partition may hold; when it is full it refuses records. */
  readonly partitionBytes: number | undefined;
}

export function streamName(cluster: string, partition: number): string {
  return `${cluster}-log-${partition}`;
}

export function subjectName(cluster: string, partition: number): string {
  return `${cluster}.log.${partition}`;
}

/**
 * Creates the streams if there are none yet. The last partition's is created first and the first one's
 * last: so the highest number tells how many partitions the log has, and partition 0 that all were created.
 *
 * @throws TurnpikeError `failed_precondition` if the log has another number of partitions, or has lost one
 */
export async function ensureStreams(link: NatsLink, options: StreamOptions): Promise<void> {
  const { partitions } = options;
  const present = await presentPartitions(link, options.cluster);
  if (present.size > 0) checkPartitions(present, partitions);
  for (let partition = partitions - 1; partition >= 0; partition--)
    if (!present.has(partition)) await createStream(link, configOf(options, partition));
  if (present.size === 0) checkPartitions(await presentPartitions(link, options.cluster), partitions);
}

function checkPartitions(present: ReadonlySet<number>, partitions: number): void {
  const created = Math.max(...present) + 1;
  if (created !== partitions)
    fail(
      'failed_precondition',
      `the log was created with ${created} partitions and cannot be opened with ${partitions}`,
    );
  if (!present.has(0) || present.size === partitions) return;
  const missing = Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => !present.has(partition),
  );
  fail('failed_precondition', `the log has lost partitions ${missing.join(', ')}: restore their streams`);
}

async function presentPartitions(link: NatsLink, cluster: string): Promise<Set<number>> {
  const prefix = streamName(cluster, 0).slice(0, -1);
  return link.ask('the streams of the log cannot be listed', async () => {
    const present = new Set<number>();
    for await (const name of link.manager.streams.names(subjectName(cluster, 0).replace(/0$/, '*')))
      if (name.startsWith(prefix)) present.add(Number(name.slice(prefix.length)));
    return present;
  });
}

function configOf(options: StreamOptions, partition: number): NewStream {
  const { cluster, replicas, partitionBytes } = options;
  return {
    name: streamName(cluster, partition),
    subjects: [subjectName(cluster, partition)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_bytes: partitionBytes ?? -1,
    // A full partition refuses: it never drops what was acknowledged.
    discard: DiscardPolicy.New,
    duplicate_window: ID_MEMORY_MS * NANOS_PER_MS,
  };
}
