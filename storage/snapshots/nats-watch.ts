/** Following documents of a NATS bucket: its entries, one by one, as documents. */
import { setTimeout as delay } from 'node:timers/promises';
import { TurnpikeError } from '../../model/errors.ts';
import { fateOf } from '../nats/failures.ts';
import type { StreamReader } from '../nats/stream-reader.ts';
import type { Entry, FollowedEntry } from './nats-bucket.ts';
import { keyOf } from './nats-keys.ts';
import type { Snapshot, SnapshotWatch } from './port.ts';

/** Between two attempts to read a document in pieces. */
const RETRY_MS = 200;

export interface NatsWatchOptions {
  readonly entries: StreamReader<FollowedEntry>;
  readonly prefix: string;
  /** The document that an entry stands for. */
  readonly read: (key: string, entry: Entry) => Promise<Snapshot | undefined>;
  readonly put: (snapshot: Snapshot) => void;
}

export class NatsWatch implements SnapshotWatch {
  readonly ended: Promise<Error | undefined>;
  readonly #options: NatsWatchOptions;
  #isClosed = false;

  constructor(options: NatsWatchOptions) {
    this.#options = options;
    this.ended = this.#follow().then(
      () => undefined,
      (error: Error) => error,
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#options.entries.close();
  }

  async #follow(): Promise<void> {
    const { entries, prefix, put } = this.#options;
    for await (const batch of entries)
      for (const entry of batch) {
        const key = keyOf(entry.subject.slice('d.'.length));
        if (!key.startsWith(prefix)) continue;
        const snapshot = await this.#read(key, entry);
        if (this.#isClosed) return;
        if (snapshot) put(snapshot);
      }
  }

  /** The document, also if that takes several attempts: what was delivered is not delivered again. */
  async #read(key: string, entry: Entry): Promise<Snapshot | undefined> {
    while (!this.#isClosed) {
      try {
        return await this.#options.read(key, entry);
      } catch (error) {
        const passes = error instanceof TurnpikeError && error.retryable && fateOf(error) !== 'refused';
        if (!passes) throw error;
        await delay(RETRY_MS);
      }
    }
    return undefined;
  }
}
