/**
 * A partition lived again, in memory: the real state machine, fed with the log from its first record, whose
 * snapshots nobody else sees. Rows that had to be set aside then are set aside again.
 */

import { actorFactories } from '../../actors/actors.ts';
import { keys } from '../../actors/keys.ts';
import type { SealedBlock } from '../../actors/partition/block.ts';
import { Cells } from '../../actors/partition/cells.ts';
import type { Cursor } from '../../actors/partition/cursor.ts';
import { EventIdWindow } from '../../actors/partition/event-id-window.ts';
import { PartitionState } from '../../actors/partition/partition-state.ts';
import { type Poison, PoisonedRow, poisonKey } from '../../actors/partition/poison.ts';
import { letterPrefix, lettersOf } from '../../model/dead-letter.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import { JobError } from '../exit.ts';
import { keptRecords } from './kept-records.ts';
import { MemorySnapshots } from './memory-snapshots.ts';
import type { Sources } from './sources.ts';

const TRIMMED = 'the head of the log was given up while it was read: verify again';
const START: Cursor = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };

export interface ReplicaOptions {
  readonly partition: number;
  /** The last record to be applied. */
  readonly to: number;
  /** Told of the records that were applied. */
  readonly applied: (records: readonly LogRecord[]) => void;
}

/**
 * Applies the records of a whole log and gives the blocks that the partition formed, as it closes them.
 *
 * @throws JobError if the log is not whole
 */
export async function* replicate(sources: Sources, options: ReplicaOptions): AsyncGenerator<SealedBlock> {
  const replica = new Replica(sources, options.partition, await buriedRows(sources, options.partition));
  let told = 0;
  const tell = (records: readonly LogRecord[]): void => {
    // What is applied again after a row was set aside counts once.
    const news = records.filter(({ sequence }) => sequence > told);
    told = Math.max(told, news.at(-1)?.sequence ?? 0);
    if (news.length > 0) options.applied(news);
  };
  for (;;) {
    try {
      await replica.restart();
      const from = replica.savedSequence + 1;
      for await (const records of keptRecords(sources, options.partition, from, options.to)) {
        if (told === 0 && records[0]?.sequence !== 1) throw new JobError(TRIMMED);
        for (const record of records) {
          const block = replica.closeBefore(record);
          if (block) yield block;
          await replica.apply(record);
        }
        tell(records);
      }
      return;
    } catch (error) {
      if (!(error instanceof PoisonedRow)) throw error;
      replica.bury(error);
    }
  }
}

class Replica {
  readonly #partition: number;
  readonly #snapshots = new MemorySnapshots();
  readonly #poison: Poison;
  readonly #factories: ConstructorParameters<typeof Cells>[2];
  #saved: Cursor = START;
  #state: PartitionState | undefined;

  constructor({ fingerprintKey }: Sources, partition: number, poison: Poison) {
    this.#partition = partition;
    this.#poison = poison;
    this.#factories = actorFactories(fingerprintKey);
  }

  get savedSequence(): number {
    return this.#saved.sequence;
  }

  /** Begins a life of the partition, from the end of the last closed block on. */
  async restart(): Promise<void> {
    const eventIds = await EventIdWindow.load(this.#saved.eventIds, (name) =>
      this.#snapshots.get(keys.partitionDocument(this.#partition, name)),
    );
    const cells = new Cells(this.#partition, this.#snapshots, this.#factories);
    const nobody = { summary: () => undefined, answer: () => undefined };
    this.#state = new PartitionState(this.#partition, this.#saved, cells, eventIds, this.#poison, nobody);
  }

  closeBefore(record: LogRecord): SealedBlock | undefined {
    const closed = this.#state?.closeBefore(record);
    if (!closed) return undefined;
    this.#snapshots.save(closed.block);
    this.#saved = closed.cursor;
    return closed.block;
  }

  /** @throws PoisonedRow */
  async apply(record: LogRecord): Promise<void> {
    await this.#state?.apply(record);
  }

  /** @throws the error itself if the row was set aside before */
  bury(error: PoisonedRow): void {
    if (this.#poison.has(error.key)) throw error;
    this.#poison.set(error.key, String(error.cause));
  }
}

/** The rows that the partition has set aside, with the errors that it met then. */
async function buriedRows({ snapshots }: Sources, partition: number): Promise<Poison> {
  const poison: Poison = new Map();
  for await (const { letter } of lettersOf(snapshots.list(letterPrefix(partition))))
    poison.set(poisonKey(letter.sequence, letter.row), letter.error);
  return poison;
}
