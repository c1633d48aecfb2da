/**
 * The distributed snapshots: NATS KV. Any number of processes and threads read and write.
 *
 * A commit is a sequence of writes, each acknowledged before the next is sent: one that fails has done a
 * prefix. It needs nothing that NATS 2.9 does not have.
 */

import { limits } from '../../limits.ts';
import { fail } from '../../model/errors.ts';
import { NatsLink } from '../nats/link.ts';
import { type Entry, NatsBucket } from './nats-bucket.ts';
import { checkKey, filterOf, keyOf } from './nats-keys.ts';
import { NatsLeases } from './nats-leases.ts';
import { documentSubject, PIECES_HEADER, readDocument, removeLeftOvers, writePieces } from './nats-pieces.ts';
import { NatsWatch } from './nats-watch.ts';
import {
  type Lease,
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWatch,
  type SnapshotWrite,
} from './port.ts';

/** Values up to this size are one message. */
const MESSAGE_BYTES = limits.recordBytes;
const NOTHING = new Uint8Array(0);
/** Documents that `list` reads at a time. */
const PAGE_DOCUMENTS = 16;
/** Milliseconds between two searches for what is left over of large documents. */
const TIDY_MS = 5 * 60_000;

export interface NatsSnapshotsOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** Begins the bucket's name: letters, digits, `_` and `-`. Default: `turnpike`. */
  readonly cluster?: string;
  /** Servers that hold a copy, when the bucket is created: 1 (default) to 5. */
  readonly replicas?: number;
  /** Bytes the bucket may hold, when it is created; a full one refuses. Default: unlimited. */
  readonly maxBytes?: number;
  /** Milliseconds since the epoch: what leases expire by. */
  readonly now?: () => number;
}

/**
 * Opens the snapshots of a cluster, and creates their bucket if there is none.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached; `failed_precondition` if the server has no
 *   JetStream or takes too small messages
 */
export async function openNatsSnapshots(options: NatsSnapshotsOptions): Promise<Snapshots> {
  const { url, cluster = 'turnpike', replicas = 1, maxBytes, now = Date.now } = options;
  if (!/^[\w-]+$/.test(cluster)) fail('invalid_argument', 'a cluster has a name of letters, digits, _ and -');
  const link = await NatsLink.open({ url, name: `${cluster} snapshots` });
  try {
    const bucket = await NatsBucket.open(link, { cluster, replicas, maxBytes });
    return new NatsSnapshots(link, bucket, now);
  } catch (error) {
    await link.close();
    throw error;
  }
}

class NatsSnapshots implements Snapshots {
  readonly #link: NatsLink;
  readonly #bucket: NatsBucket;
  readonly #leases: NatsLeases;
  readonly #watches = new Set<NatsWatch>();
  #tidiedAt = Number.NEGATIVE_INFINITY;

  constructor(link: NatsLink, bucket: NatsBucket, now: () => number) {
    this.#link = link;
    this.#bucket = bucket;
    this.#leases = new NatsLeases(bucket, now);
  }

  async get(key: string): Promise<Snapshot | undefined> {
    checkKey(key);
    return this.#read(key, await this.#bucket.last(documentSubject(key)));
  }

  async *list(prefix: string): AsyncGenerator<Snapshot> {
    if (prefix !== '') checkKey(prefix);
    const subjects = await this.#bucket.subjects(`d.${filterOf(prefix)}`);
    const keys = subjects.map((subject) => keyOf(subject.slice('d.'.length)));
    // Keys are ASCII: the order of strings is that of bytes.
    const found = keys.filter((key) => key.startsWith(prefix)).sort();
    for (let at = 0; at < found.length; at += PAGE_DOCUMENTS) {
      const page = found.slice(at, at + PAGE_DOCUMENTS);
      const entries = await Promise.all(page.map((key) => this.#bucket.last(documentSubject(key))));
      for (const [index, entry] of entries.entries()) {
        const snapshot = await this.#read(page[index] as string, entry);
        if (snapshot) yield snapshot;
      }
    }
  }

  async watch(prefix: string, put: (snapshot: Snapshot) => void): Promise<SnapshotWatch> {
    if (prefix !== '') checkKey(prefix);
    const watch = await NatsWatch.start({
      link: this.#link,
      bucket: this.#bucket,
      prefix,
      get: (key) => this.get(key),
      list: (below) => this.list(below),
      put,
    });
    this.#watches.add(watch);
    void watch.ended.then(() => this.#watches.delete(watch));
    return watch;
  }

  async commit(writes: readonly SnapshotWrite[]): Promise<number[]> {
    for (const { key } of writes) checkKey(key);
    await this.#checkFence(writes);
    const revisions: number[] = [];
    for (const write of writes) revisions.push(await this.#write(write));
    if (writes.some(({ value }) => !value || value.byteLength > MESSAGE_BYTES)) await this.#tidy();
    return revisions;
  }

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#leases.acquire(name, owner, ttlMs);
  }

  release(lease: Lease): Promise<void> {
    return this.#leases.release(lease);
  }

  close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    return this.#link.close();
  }

  /** The document that an entry stands for. */
  async #read(key: string, entry: Entry | undefined): Promise<Snapshot | undefined> {
    for (let current = entry; current && !current.isDeleted; ) {
      const value = await readDocument(this.#bucket, key, current);
      const { revision } = current;
      if (value) return { key, revision, value };
      // It was replaced while it was read, and is read anew.
      current = await this.#bucket.last(documentSubject(key));
      if (current?.revision === revision) throw new Error(`pieces of the snapshot ${key} are missing`);
    }
    return undefined;
  }

  /**
   * The last expectation is checked before anything is written: callers put what they own by there. Whoever
   * has lost it, and wakes up late, does no harm by the writes before it.
   */
  async #checkFence(writes: readonly SnapshotWrite[]): Promise<void> {
    const fence = writes.findLast(({ expected }) => expected !== undefined);
    if (!fence || fence === writes[0]) return;
    const entry = await this.#bucket.last(documentSubject(fence.key));
    if (revisionOf(entry) !== fence.expected) throw new RevisionConflict(fence.key);
  }

  async #write({ key, value, expected }: SnapshotWrite): Promise<number> {
    if (!value) return this.#delete(key, expected);
    const subject = documentSubject(key);
    const isLarge = value.byteLength > MESSAGE_BYTES;
    const revision = await this.#bucket.write(
      isLarge
        ? { subject, data: NOTHING, headers: await this.#pieces(key, value), expected }
        : { subject, data: value, expected },
    );
    if (revision === undefined) throw new RevisionConflict(key);
    return revision;
  }

  /** Also where nothing can be written any more, as it makes room. */
  async #delete(key: string, expected: number | undefined): Promise<number> {
    const subject = documentSubject(key);
    const entry = await this.#bucket.last(subject);
    if (expected !== undefined && revisionOf(entry) !== expected) throw new RevisionConflict(key);
    if (!entry) return 0;
    const removed = await this.#bucket.remove(subject, entry.revision);
    // Nothing was removed: it was replaced meanwhile, or it is gone, be it by our own lost request.
    if (expected !== undefined && removed === 0 && (await this.#bucket.last(subject)))
      throw new RevisionConflict(key);
    return 0;
  }

  async #pieces(key: string, value: Uint8Array): Promise<Readonly<Record<string, string>>> {
    return { [PIECES_HEADER]: await writePieces(this.#bucket, key, value) };
  }

  /** Removes what is left over of large documents, now and then. What fails is done the next time. */
  async #tidy(): Promise<void> {
    const now = performance.now();
    if (now - this.#tidiedAt < TIDY_MS) return;
    this.#tidiedAt = now;
    await removeLeftOvers(this.#bucket).catch(() => undefined);
  }
}

/** 0: there is no document. */
function revisionOf(entry: Entry | undefined): number {
  return entry && !entry.isDeleted ? entry.revision : 0;
}
