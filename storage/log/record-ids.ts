/**
 * The ids of the records appended in the last two to four minutes. Two tables take turns: the older one is dropped
 * when the newer one has two minutes in it. They say in which frame an id is, and the frame says the rest; so what
 * a collector sends to several partitions together is one entry here.
 *
 * Nothing is written for them: at a start they are read from the frames of the last two minutes.
 */
import { limits } from '../../limits.ts';
import { IdTable, idTag } from './id-table.ts';
import type { Frame, FrameRecord } from './segment-frame.ts';

/** How long the port promises to know an id. */
export const ID_MEMORY_MS = 2 * 60_000;
/** For how long frames may be looked at: no segment is deleted sooner. */
export const ID_LONGEST_MEMORY_MS = 2 * ID_MEMORY_MS;

/** A place is a segment and an offset in it; in it, frames begin at multiples of eight. */
const OFFSETS = 2 ** 24;
const FRAME_ALIGNMENT = 8;

export class RecordIds {
  readonly #frameAt: (segment: number, offset: number) => Frame | undefined;
  #older = new IdTable();
  #newer = new IdTable();
  #since: number;
  /** The id that was asked for last: it often comes for several partitions in turn. */
  #lastId = '';
  #lastTag = idTag('');

  /** @param frameAt reads a frame that was added, unless it was deleted: nobody asks here while a log is idle */
  constructor(now: number, frameAt: (segment: number, offset: number) => Frame | undefined) {
    this.#since = now;
    this.#frameAt = frameAt;
  }

  /** The sequence that the partition's record with this id was given. */
  get(partition: number, id: string): number | undefined {
    const tag = this.#tagOf(id);
    const look = (place: number): number | undefined => {
      const frame = this.#frameAt(Math.floor(place / OFFSETS), (place % OFFSETS) * FRAME_ALIGNMENT);
      return frame && sequenceIn(frame, partition, id);
    };
    return this.#newer.find(tag, look) ?? this.#older.find(tag, look);
  }

  /** Remembers the records of a frame that was stored, and forgets what is old. */
  add(records: readonly Pick<FrameRecord, 'recordId'>[], segment: number, offset: number, now: number): void {
    if (now - this.#since >= ID_MEMORY_MS || this.#newer.size >= limits.logRecordIds) {
      this.#older = this.#newer;
      this.#newer = new IdTable(this.#older.size);
      this.#since = now;
    }
    const place = segment * OFFSETS + offset / FRAME_ALIGNMENT;
    let previous: string | undefined;
    for (const { recordId } of records) {
      if (recordId !== previous) this.#newer.add(this.#tagOf(recordId), place);
      previous = recordId;
    }
  }

  #tagOf(id: string): number {
    if (id !== this.#lastId) {
      this.#lastId = id;
      this.#lastTag = idTag(id);
    }
    return this.#lastTag;
  }
}

function sequenceIn(frame: Frame, partition: number, id: string): number | undefined {
  const ids = frame.ids();
  for (let index = 0; index < frame.count; index++)
    if (frame.partition(index) === partition && ids[frame.idIndex(index)] === id)
      return frame.sequence(index);
  return undefined;
}
