/**
 * Leases in a NATS bucket. Whoever takes one writes down until when, by his own clock; whoever wants it
 * looks at his. Clocks that differ by less than a holder's reserve – what is left of the time when he renews
 * it – change nothing. If they differ by more, a lease changes hands too early or too late, but never
 * unnoticed: the epoch grows by compare-and-set, and fences the earlier holder off.
 */
import type { NatsBucket } from './nats-bucket.ts';
import { checkKey, subjectOf } from './nats-keys.ts';
import type { Lease } from './port.ts';

/** What the bucket has of a lease, and under which revision. */
interface Entry {
  readonly held: StoredLease | undefined;
  readonly revision: number;
}

interface StoredLease {
  /** Kept when the lease is given up, so that the next one is higher. */
  readonly epoch: number;
  /** Empty: nobody. */
  readonly owner: string;
  readonly expiresAt: number;
}

export class NatsLeases {
  readonly #bucket: NatsBucket;
  readonly #now: () => number;
  /** As they were last written here. A holder that renews one need not read it: if it was changed since, writing fails. */
  readonly #own = new Map<string, Entry>();

  constructor(bucket: NatsBucket, now: () => number) {
    this.#bucket = bucket;
    this.#now = now;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    for (;;) {
      const { held, revision } = this.#own.get(name) ?? (await this.#read(name));
      // Taken before it is sent: the holder's time begins no later than anybody else sees it begin.
      const now = this.#now();
      const isHeld = held !== undefined && held.owner !== '' && now < held.expiresAt;
      if (isHeld && held.owner !== owner) {
        // What is known of another owner's may have changed.
        if (this.#own.delete(name)) continue;
        return undefined;
      }
      // An expired lease is nobody's, not even its last owner's: that may be an earlier life of the same name.
      const epoch = isHeld ? held.epoch : (held?.epoch ?? 0) + 1;
      const lease: StoredLease = { epoch, owner, expiresAt: now + ttlMs };
      if (await this.#write(name, lease, revision)) return { name, ...lease };
    }
  }

  async release(lease: Lease): Promise<void> {
    for (;;) {
      const { held, revision } = await this.#read(lease.name);
      if (held?.epoch !== lease.epoch || held.owner !== lease.owner) return;
      if (await this.#write(lease.name, { epoch: held.epoch, owner: '', expiresAt: 0 }, revision)) return;
    }
  }

  async #read(name: string): Promise<Entry> {
    checkKey(name);
    const entry = await this.#bucket.last(`l.${subjectOf(name)}`);
    if (!entry || entry.isDeleted) return { held: undefined, revision: 0 };
    return { held: JSON.parse(Buffer.from(entry.data).toString()) as StoredLease, revision: entry.revision };
  }

  /** `false` if somebody else was faster. */
  async #write(name: string, lease: StoredLease, expected: number): Promise<boolean> {
    const data = Buffer.from(JSON.stringify(lease));
    // Whatever becomes of it, what was known is no longer so.
    this.#own.delete(name);
    const revision = await this.#bucket.write({ subject: `l.${subjectOf(name)}`, data, expected });
    if (revision !== undefined && lease.owner !== '') this.#own.set(name, { held: lease, revision });
    return revision !== undefined;
  }
}
