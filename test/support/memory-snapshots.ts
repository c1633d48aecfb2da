/** Snapshots in memory, for tests in which nothing has to last; several processes may share them. */
import {
  type Lease,
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWrite,
} from '../../storage/snapshots/port.ts';

export class MemorySnapshots implements Omit<Snapshots, 'watch'> {
  readonly documents = new Map<string, Snapshot>();
  readonly #leases = new Map<string, Lease>();
  readonly #now: () => number;
  #revision = 0;
  /** What the next calls fail with, while set. */
  failure: Error | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async get(key: string): Promise<Snapshot | undefined> {
    if (this.failure) throw this.failure;
    return this.documents.get(key);
  }

  async *list(prefix: string): AsyncGenerator<Snapshot> {
    if (this.failure) throw this.failure;
    const found = [...this.documents.values()].filter(({ key }) => key.startsWith(prefix));
    yield* found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async commit(writes: readonly SnapshotWrite[]): Promise<number[]> {
    if (this.failure) throw this.failure;
    for (const { key, expected } of writes)
      if (expected !== undefined && (this.documents.get(key)?.revision ?? 0) !== expected)
        throw new RevisionConflict(key);
    return writes.map(({ key, value }) => {
      if (value !== undefined) return this.put(key, value);
      this.documents.delete(key);
      return 0;
    });
  }

  /** Writes a document, whatever was there. @returns its revision */
  put(key: string, value: Uint8Array): number {
    const revision = ++this.#revision;
    this.documents.set(key, { key, value: new Uint8Array(value), revision });
    return revision;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    if (this.failure) throw this.failure;
    const held = this.#leases.get(name);
    const isHeld = held !== undefined && this.#now() < held.expiresAt;
    if (isHeld && held.owner !== owner) return undefined;
    const epoch = isHeld ? held.epoch : (held?.epoch ?? 0) + 1;
    const lease = { name, owner, epoch, expiresAt: this.#now() + ttlMs };
    this.#leases.set(name, lease);
    return lease;
  }

  async release(lease: Lease): Promise<void> {
    const held = this.#leases.get(lease.name);
    if (held?.epoch !== lease.epoch || held.owner !== lease.owner) return;
    this.#leases.set(lease.name, { ...held, expiresAt: 0 });
  }

  /** Lets a lease run out at once, as if its holder were gone. */
  expire(name: string): void {
    const held = this.#leases.get(name);
    if (held) this.#leases.set(name, { ...held, expiresAt: 0 });
  }

  async close(): Promise<void> {}
}
