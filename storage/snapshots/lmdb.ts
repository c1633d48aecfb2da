/**
 * The embedded snapshots: LMDB. Several threads of a process may open the same directory; LMDB runs their
 * transactions one after the other, and each sees what the others have committed.
 *
 * A commit checks everything that was expected before it writes anything, within one transaction.
 */
import type { Database, RootDatabase } from 'lmdb';
import { commitFailure, openEnvironment } from './lmdb-environment.ts';
import {
  COUNTERS,
  checkKey,
  DATABASES,
  decodeSnapshot,
  encodeSnapshot,
  endOfPrefix,
  LEASES,
  REVISION_COUNTER,
  REVISIONS,
  revisionOf,
  SNAPSHOTS,
  type StoredLease,
} from './lmdb-format.ts';
import { type Changes, LmdbWatch } from './lmdb-watch.ts';
import {
  type Lease,
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWatch,
  type SnapshotWrite,
} from './port.ts';

/** Bounds of what `list` reads at a time. */
const PAGE_SNAPSHOTS = 64;
const PAGE_BYTES = 1024 * 1024;
/** Changes that a watch looks at in one go, also those that are none of its own. */
const PAGE_CHANGES = 256;

export interface LmdbSnapshotsOptions {
  /** Created if missing. */
  readonly directory: string;
  /** Milliseconds since the epoch: what leases expire by. */
  readonly now?: () => number;
}

/** Opens the snapshots of a directory, in this thread. */
export function openLmdbSnapshots(options: LmdbSnapshotsOptions): Snapshots {
  return new LmdbSnapshots(options);
}

class LmdbSnapshots implements Snapshots {
  readonly #environment: RootDatabase;
  readonly #snapshots: Database<Buffer, string>;
  /** Of each document, the key by its revision. A document that is older than this table is not in it. */
  readonly #revisions: Database<string, number>;
  readonly #leases: Database<StoredLease, string>;
  readonly #counters: Database<number, string>;
  readonly #now: () => number;
  readonly #watches = new Set<LmdbWatch>();
  #closing: Promise<void> | undefined;

  constructor({ directory, now = Date.now }: LmdbSnapshotsOptions) {
    this.#environment = openEnvironment({ directory, databases: DATABASES });
    this.#snapshots = this.#environment.openDB(SNAPSHOTS, { encoding: 'binary' });
    this.#revisions = this.#environment.openDB(REVISIONS, { encoding: 'string' });
    this.#leases = this.#environment.openDB(LEASES, { encoding: 'json' });
    this.#counters = this.#environment.openDB(COUNTERS, { encoding: 'ordered-binary' });
    this.#now = now;
  }

  async get(key: string): Promise<Snapshot | undefined> {
    checkKey(key);
    // Another thread may have committed since this thread's view was taken.
    this.#environment.resetReadTxn();
    const bytes = this.#snapshots.get(key);
    return bytes && decodeSnapshot(key, bytes);
  }

  async *list(prefix: string): AsyncGenerator<Snapshot> {
    if (prefix !== '') checkKey(prefix);
    let page = this.#page(prefix, undefined);
    while (page.length > 0) {
      yield* page;
      page = this.#page(prefix, page.at(-1)?.key);
    }
  }

  async watch(prefix: string, put: (snapshot: Snapshot) => void): Promise<SnapshotWatch> {
    if (prefix !== '') checkKey(prefix);
    this.#environment.resetReadTxn();
    // What is written from here on may be listed already, and comes again; nothing is left out.
    const fromRevision = this.#revision();
    for await (const snapshot of this.list(prefix)) put(snapshot);
    const changesBehind = (revision: number): Changes => this.#changes(prefix, revision);
    const watch = new LmdbWatch({ fromRevision, changesBehind, put });
    this.#watches.add(watch);
    void watch.ended.then(() => this.#watches.delete(watch));
    return watch;
  }

  async commit(writes: readonly SnapshotWrite[]): Promise<number[]> {
    for (const write of writes) checkKey(write.key);
    return this.#transaction(() => {
      this.#checkExpected(writes);
      let revision = this.#revision();
      const revisions = writes.map(({ key, value }) => {
        const present = revisionOf(this.#snapshots.get(key));
        if (present > 0) this.#revisions.remove(present);
        if (!value) {
          this.#snapshots.remove(key);
          return 0;
        }
        this.#snapshots.put(key, encodeSnapshot(++revision, value));
        this.#revisions.put(revision, key);
        return revision;
      });
      this.#counters.put(REVISION_COUNTER, revision);
      return revisions;
    });
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    checkKey(name);
    return this.#transaction(() => {
      const now = this.#now();
      const held = this.#leases.get(name);
      const isHeld = held !== undefined && held.owner !== '' && now < held.expiresAt;
      if (isHeld && held.owner !== owner) return undefined;
      // An expired lease is nobody's, not even its last owner's: that may be an earlier life of the same name.
      const epoch = isHeld ? held.epoch : (held?.epoch ?? 0) + 1;
      const lease: StoredLease = { epoch, owner, expiresAt: now + ttlMs };
      this.#leases.put(name, lease);
      return { name, ...lease };
    });
  }

  async release(lease: Lease): Promise<void> {
    await this.#transaction(() => {
      const held = this.#leases.get(lease.name);
      if (held?.epoch !== lease.epoch || held.owner !== lease.owner) return;
      this.#leases.put(lease.name, { epoch: held.epoch, owner: '', expiresAt: 0 });
    });
  }

  close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    this.#closing ??= this.#environment.close();
    return this.#closing;
  }

  #checkExpected(writes: readonly SnapshotWrite[]): void {
    for (const { key, expected } of writes) {
      if (expected === undefined) continue;
      if (revisionOf(this.#snapshots.get(key)) !== expected) throw new RevisionConflict(key);
    }
  }

  /** Runs `action` in a write transaction that is undone if it throws. */
  async #transaction<T>(action: () => T): Promise<T> {
    try {
      return await this.#environment.childTransaction(action);
    } catch (error) {
      throw await commitFailure(error);
    }
  }

  #revision(): number {
    return this.#counters.get(REVISION_COUNTER) ?? 0;
  }

  /** What was written behind a revision, in the order in which it was written. */
  #changes(prefix: string, behind: number): Changes {
    this.#environment.resetReadTxn();
    const last = this.#revision();
    if (last === behind) return { snapshots: [], revision: last, isMore: false };
    const range = { start: behind, exclusiveStart: true, limit: PAGE_CHANGES };
    const changes = [...this.#revisions.getRange(range)];
    const snapshots: Snapshot[] = [];
    for (const { value: key } of changes) {
      const bytes = key.startsWith(prefix) ? this.#snapshots.get(key) : undefined;
      if (bytes) snapshots.push(decodeSnapshot(key, bytes));
    }
    const isMore = changes.length === PAGE_CHANGES;
    return { snapshots, revision: isMore ? (changes.at(-1)?.key ?? last) : last, isMore };
  }

  /** The next snapshots of the prefix behind a key: read at once, so that no transaction stays open. */
  #page(prefix: string, behind: string | undefined): Snapshot[] {
    const start = behind ?? prefix;
    const range = {
      // LMDB knows no empty key.
      ...(start === '' ? {} : { start }),
      exclusiveStart: behind !== undefined,
      end: endOfPrefix(prefix),
    };
    this.#environment.resetReadTxn();
    const page: Snapshot[] = [];
    let bytes = 0;
    for (const { key, value } of this.#snapshots.getRange(range)) {
      page.push(decodeSnapshot(key, value));
      bytes += value.byteLength;
      if (page.length === PAGE_SNAPSHOTS || bytes >= PAGE_BYTES) break;
    }
    this.#environment.resetReadTxn();
    return page;
  }
}
