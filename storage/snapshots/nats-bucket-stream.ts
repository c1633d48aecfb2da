/**
 * The stream of a NATS bucket.
 *
 * Buckets usually keep one entry of a subject by a limit of the stream. NATS 2.9 enforces that limit when it
 * starts again after a crash, and may then remove the last entry of a subject and keep an older one. Here
 * each write itself removes what it replaces (`Nats-Rollup`), which is in the files before it is
 * acknowledged, and the limit, without which NATS' own tools take it for no bucket, is never reached.
 *
 * Who follows entries does not read the stream: what a write removes from a stream makes the consumers of
 * NATS 2.9 skip other messages. The server tells of each entry that it stores on a subject of its own:
 *
 *     $KV.<cluster>-snapshots.d.<key>  →  <cluster>.snapshots.d.<key>
 */
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { fail } from '../../model/errors.ts';
import { apiErrorOf } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import { createStream, type NewStream } from '../nats/streams.ts';

const NOT_FOUND = 10_059;
const UNLIMITED = -1;
/** Entries of a subject: the most that buckets may have. */
const HISTORY = 64;

export interface BucketOptions {
  readonly cluster: string;
  readonly replicas: number;
  readonly maxBytes: number | undefined;
}

/** What the subjects of entries begin with, where they are stored. */
export function storedPrefix(cluster: string): string {
  return `$KV.${cluster}-snapshots.`;
}

/** What subjects begin with on which the server tells of entries. */
export function toldPrefix(cluster: string): string {
  return `${cluster}.snapshots.`;
}

/**
 * The settings of the bucket's stream, which is created if there is none.
 *
 * @throws TurnpikeError `failed_precondition` if there is one that loses entries; `unavailable`
 */
export async function openBucketStream(link: NatsLink, options: BucketOptions): Promise<StreamConfig> {
  const name = `KV_${options.cluster}-snapshots`;
  const present = await configOf(link, name);
  if (present) return checked(present);
  await createStream(link, newStream(name, options));
  const created = await configOf(link, name);
  if (!created) fail('unavailable', `the stream ${name} was removed by somebody`);
  return checked(created);
}

async function configOf(link: NatsLink, name: string): Promise<StreamConfig | undefined> {
  try {
    const info = await link.ask(`the stream ${name} cannot be found`, () => link.manager.streams.info(name));
    return info.config;
  } catch (error) {
    if (apiErrorOf(error)?.code === NOT_FOUND) return undefined;
    throw error;
  }
}

function newStream(name: string, { cluster, replicas, maxBytes }: BucketOptions): NewStream {
  return {
    name,
    subjects: [`${storedPrefix(cluster)}>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_bytes: maxBytes ?? UNLIMITED,
    max_msgs_per_subject: HISTORY,
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
    allow_direct: replicas === 1,
    republish: { src: `${storedPrefix(cluster)}d.>`, dest: `${toldPrefix(cluster)}d.>` },
  };
}

function checked(config: StreamConfig): StreamConfig {
  const { name, max_msgs_per_subject, allow_rollup_hdrs, republish } = config;
  if (max_msgs_per_subject !== HISTORY || !allow_rollup_hdrs || !republish)
    fail('failed_precondition', `the stream ${name} was created with settings that are not ours`);
  return config;
}
