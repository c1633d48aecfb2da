/**
 * Following documents of a NATS bucket. The server tells of each that is written, but not of what was
 * written while the connection was away, nor surely in a cluster that changes its leader: so they are all
 * looked at in the beginning, whenever the connection is back, and now and then.
 */
import { TurnpikeError } from '../../model/errors.ts';
import { fateOf } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import type { NatsBucket, ToldEntry } from './nats-bucket.ts';
import { filterOf, keyOf } from './nats-keys.ts';
import { PIECES_HEADER } from './nats-pieces.ts';
import type { Snapshot, SnapshotWatch } from './port.ts';

/** Milliseconds between two looks at all documents; half to one and a half of them, as many follow. */
const LOOK_MS = 60_000;
const RETRY_MS = 500;

export interface NatsWatchOptions {
  readonly link: NatsLink;
  readonly bucket: NatsBucket;
  readonly prefix: string;
  readonly get: (key: string) => Promise<Snapshot | undefined>;
  readonly list: (prefix: string) => AsyncIterable<Snapshot>;
  readonly put: (snapshot: Snapshot) => void;
}

export class NatsWatch implements SnapshotWatch {
  readonly ended: Promise<Error | undefined>;
  readonly #options: NatsWatchOptions;
  /** The revision of each document that was handed out: none is followed by an older one. */
  readonly #revisions = new Map<string, number>();
  #newest = 0;
  readonly #unsubscribe: () => void;
  #forgetLoss: () => void = () => undefined;
  /** Whether something may have been written that nobody told of. */
  #isStale = false;
  #isClosed = false;
  #wake: () => void = () => undefined;
  #end: (failure: Error | undefined) => void = () => undefined;

  private constructor(options: NatsWatchOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { bucket, prefix } = options;
    this.#unsubscribe = bucket.subscribe(
      `d.${filterOf(prefix)}`,
      (entry) => this.#told(entry),
      (error) => this.#finish(error),
    );
    this.#awaitLoss();
  }

  /** Hands out what is there, and goes on. */
  static async start(options: NatsWatchOptions): Promise<NatsWatch> {
    const watch = new NatsWatch(options);
    try {
      await watch.#look();
    } catch (error) {
      watch.close();
      throw error;
    }
    void watch.#goOn();
    return watch;
  }

  close(): void {
    this.#finish(undefined);
  }

  #finish(failure: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forgetLoss();
    this.#unsubscribe();
    this.#end(failure);
    this.#wake();
  }

  #awaitLoss(): void {
    this.#forgetLoss = this.#options.link.onLost(() => {
      this.#lookAgain();
      this.#awaitLoss();
    });
  }

  #lookAgain(): void {
    this.#isStale = true;
    this.#wake();
  }

  async #goOn(): Promise<void> {
    let pauseMs = LOOK_MS;
    for (;;) {
      if (!this.#isStale) await this.#pause(pauseMs * (0.5 + Math.random()));
      if (this.#isClosed) return;
      if (this.#options.link.isClosed) return this.close();
      this.#isStale = false;
      pauseMs = LOOK_MS;
      try {
        // What comes back with the connection is the subscription first: nothing falls in between.
        if (await this.#options.link.connected(RETRY_MS)) await this.#look();
        else this.#isStale = true;
      } catch (error) {
        if (!passes(error)) return this.#finish(error as Error);
        pauseMs = RETRY_MS;
      }
    }
  }

  /** Hands out what has changed since it was handed out. */
  async #look(): Promise<void> {
    const { bucket, list, prefix } = this.#options;
    const newest = this.#newest;
    const { revision: last } = await bucket.end();
    if (newest > last) {
      // The server has forgotten what it had stored, and counts anew.
      this.#revisions.clear();
      this.#newest = 0;
    }
    for await (const snapshot of list(prefix)) {
      if (this.#isClosed) return;
      this.#put(snapshot);
    }
  }

  #told(entry: ToldEntry): void {
    const key = keyOf(entry.subject.slice('d.'.length));
    if (this.#isClosed || entry.isDeleted || !key.startsWith(this.#options.prefix)) return;
    try {
      if (entry.header(PIECES_HEADER) !== '') void this.#read(key);
      // A copy: what the client hands out is a part of something larger, at any address.
      else this.#put({ key, revision: entry.revision, value: new Uint8Array(entry.data) });
    } catch (error) {
      this.#finish(error as Error);
    }
  }

  /** Reads a document in pieces. */
  async #read(key: string): Promise<void> {
    try {
      const snapshot = await this.#options.get(key);
      if (snapshot && !this.#isClosed) this.#put(snapshot);
    } catch (error) {
      if (passes(error)) this.#lookAgain();
      else this.#finish(error as Error);
    }
  }

  #put(snapshot: Snapshot): void {
    if (snapshot.revision <= (this.#revisions.get(snapshot.key) ?? 0)) return;
    this.#revisions.set(snapshot.key, snapshot.revision);
    this.#newest = Math.max(this.#newest, snapshot.revision);
    this.#options.put(snapshot);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether a failure passes by itself, as outages do. */
function passes(error: unknown): boolean {
  return error instanceof TurnpikeError && error.retryable && fateOf(error) !== 'refused';
}
