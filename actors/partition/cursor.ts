/**
 * A partition's cursor: how far its log is applied and saved, and who may move it. Opening a cursor
 * raises its epoch, which fences every earlier owner off.
 */
import type { ActorKind } from '../../model/command.ts';
import {
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWrite,
} from '../../storage/snapshots/port.ts';
import { keys } from '../keys.ts';
import type { InboxJson } from '../messaging/inbox.ts';
import type { EventIdsJson } from './event-id-window.ts';

/** When an actor wants to be called next: its key and the record time. */
export type TimerJson = readonly [kind: ActorKind, id: string, dueAt: number];

/** What a partition has come to after a record. */
export interface Position {
  /** Last applied sequence. */
  readonly sequence: number;
  /** Record time of that record, milliseconds since the epoch. */
  readonly time: number;
  readonly eventIds: EventIdsJson;
  readonly timers: readonly TimerJson[];
  /** Absent: it has been told nothing. */
  readonly inbox?: InboxJson;
}

export interface Cursor extends Position {
  /** Blocks that end here or later may be in the spool; `undefined`: it is empty. */
  readonly spooledFrom?: number | undefined;
}

const START: Cursor = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };

export class CursorStore {
  readonly #partition: number;
  readonly #epoch: number;
  #revision: number;
  /** The cursor as it is saved. */
  saved: Cursor;

  private constructor(partition: number, epoch: number, revision: number, saved: Cursor) {
    this.#partition = partition;
    this.#epoch = epoch;
    this.#revision = revision;
    this.saved = saved;
  }

  /**
   * Opens the cursor of a partition for a new owner.
   *
   * @throws RevisionConflict if somebody else is doing the same
   */
  static async open(partition: number, snapshots: Snapshots): Promise<CursorStore> {
    const snapshot = await snapshots.get(keys.cursor(partition));
    const { epoch, ...saved } = read(snapshot);
    const store = new CursorStore(partition, epoch + 1, snapshot?.revision ?? 0, saved);
    const [revision] = await snapshots.commit([store.write(saved)]);
    store.written(saved, revision as number);
    return store;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Checks that nobody has opened the cursor since.
   *
   * @throws RevisionConflict if somebody has
   */
  async confirm(snapshots: Snapshots): Promise<void> {
    const key = keys.cursor(this.#partition);
    if (read(await snapshots.get(key)).epoch !== this.#epoch) throw new RevisionConflict(key);
  }

  write(cursor: Cursor): SnapshotWrite {
    return {
      key: keys.cursor(this.#partition),
      value: Buffer.from(JSON.stringify({ epoch: this.#epoch, ...cursor })),
      expected: this.#revision,
    };
  }

  written(cursor: Cursor, revision: number): void {
    this.saved = cursor;
    this.#revision = revision;
  }
}

function read(snapshot: Snapshot | undefined): Cursor & { readonly epoch: number } {
  return snapshot ? JSON.parse(Buffer.from(snapshot.value).toString()) : { ...START, epoch: 0 };
}
