/** Where webhooks are kept: two documents each, one written by management, one by whoever delivers. */
import type { Snapshot, Snapshots } from '../../storage/snapshots/port.ts';
import type { Progress, Webhook } from './webhook.ts';

/** The lease of whoever delivers. */
export const DELIVERY_LEASE = 'webhooks';

const DEFINITIONS = 'webhooks/';
const PROGRESS = 'webhook-progress/';

/** A document, with the revision that the next change of it is to replace. */
export interface Kept<T> {
  readonly value: T;
  readonly revision: number;
}

/**
 * All methods throw `TurnpikeError` where the snapshots are out of reach, and those that write `RevisionConflict`
 * where somebody else has written meanwhile. A revision of 0 stands for what is not there yet.
 */
export class WebhookStore {
  readonly #snapshots: Pick<Snapshots, 'get' | 'list' | 'commit'>;

  constructor(snapshots: Pick<Snapshots, 'get' | 'list' | 'commit'>) {
    this.#snapshots = snapshots;
  }

  async get(webhookId: string): Promise<Kept<Webhook> | undefined> {
    return decoded(await this.#snapshots.get(DEFINITIONS + webhookId));
  }

  /** In the order of their ids. */
  list(): Promise<Kept<Webhook>[]> {
    return this.#all(DEFINITIONS);
  }

  /** @returns the new revision */
  put(webhook: Webhook, expected: number): Promise<number> {
    return this.#put(DEFINITIONS + webhook.webhookId, webhook, expected);
  }

  async delete(webhookId: string, expected: number): Promise<void> {
    await this.#snapshots.commit([
      { key: DEFINITIONS + webhookId, value: undefined, expected },
      { key: PROGRESS + webhookId, value: undefined },
    ]);
  }

  async progress(webhookId: string): Promise<Kept<Progress> | undefined> {
    return decoded(await this.#snapshots.get(PROGRESS + webhookId));
  }

  /** By the ids of their webhooks. */
  async allProgress(): Promise<Map<string, Progress>> {
    const found = new Map<string, Progress>();
    for await (const snapshot of this.#snapshots.list(PROGRESS))
      found.set(snapshot.key.slice(PROGRESS.length), decode(snapshot));
    return found;
  }

  /** @returns the new revision */
  putProgress(webhookId: string, progress: Progress, expected: number): Promise<number> {
    return this.#put(PROGRESS + webhookId, progress, expected);
  }

  /** Forgets the progress of a webhook that is there no more. */
  async forget(webhookId: string): Promise<void> {
    await this.#snapshots.commit([{ key: PROGRESS + webhookId, value: undefined }]);
  }

  async #put(key: string, value: Webhook | Progress, expected: number): Promise<number> {
    const bytes = Buffer.from(JSON.stringify(value));
    const [revision = 0] = await this.#snapshots.commit([{ key, value: bytes, expected }]);
    return revision;
  }

  async #all<T>(prefix: string): Promise<Kept<T>[]> {
    const found: Kept<T>[] = [];
    for await (const snapshot of this.#snapshots.list(prefix))
      found.push({ value: decode<T>(snapshot), revision: snapshot.revision });
    return found;
  }
}

function decode<T>({ value }: Snapshot): T {
  return JSON.parse(Buffer.from(value).toString()) as T;
}

function decoded<T>(snapshot: Snapshot | undefined): Kept<T> | undefined {
  return snapshot && { value: decode<T>(snapshot), revision: snapshot.revision };
}
