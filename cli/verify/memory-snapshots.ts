/** Snapshots that live and die with a verification. */
import type { SealedBlock } from '../../actors/partition/block.ts';
import type { Snapshot, Snapshots } from '../../storage/snapshots/port.ts';

export class MemorySnapshots implements Pick<Snapshots, 'get'> {
  readonly #documents = new Map<string, Snapshot>();
  #revision = 0;

  async get(key: string): Promise<Snapshot | undefined> {
    return this.#documents.get(key);
  }

  /** Saves what a block has to save, as a partition's writer does; summaries nobody reads here. */
  save({ documents, cells }: SealedBlock): void {
    for (const { key, value, stored } of documents) {
      if (stored) stored.revision ??= this.#documents.get(key)?.revision ?? 0;
      const revision = this.#put(key, value);
      if (stored) stored.revision = revision;
    }
    for (const { cell, key, value } of cells) {
      cell.revision = this.#put(key, value);
      cell.pins--;
    }
  }

  #put(key: string, value: Uint8Array | undefined): number {
    if (value === undefined) {
      this.#documents.delete(key);
      return 0;
    }
    const revision = ++this.#revision;
    this.#documents.set(key, { key, value, revision });
    return revision;
  }
}
