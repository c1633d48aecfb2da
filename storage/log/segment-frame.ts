/**
 * A frame holds what one commit stored. Everything is aligned to eight bytes, so that typed arrays can lie on the
 * data that is read, without a copy:
 *
 *     head   u32 magic | u32 crc of what follows of the head | u32 bytes of the head | u32 bytes of the data
 *            u32 records | u32 bytes of the ids | f64 time
 *            for each record: f64 sequence | u32 partition | u32 bytes | u32 crc of its data | u32 its id, as an index
 *            for each id: u16 bytes | UTF-8
 *     data   of one record after the other
 *
 * Each byte is covered by one checksum: the head by its own, which begins with the place of the frame, and the data
 * by that of its record, so that a record is checked wherever it is read alone. The head stands by itself in memory
 * because it is known when the commit begins only, while data is laid where it will be written from when it comes.
 */
import { crc32 } from 'node:zlib';

const MAGIC = 0x4652_5054;
/** The magic as it lies in a file: where to look for frames. */
export const FRAME_MAGIC: Buffer = Buffer.from('TPRF');
export const FRAME_FIXED_BYTES = 32;
/** Bytes of the head for one record, its id apart. */
export const ENTRY_BYTES = 24;

/** One record of a commit, in the order of their data. */
export interface FrameRecord {
  readonly partition: number;
  readonly sequence: number;
  readonly recordId: string;
  /** Of its data. */
  readonly bytes: number;
  readonly crc: number;
}

/** Up to the next place where a record may begin. */
export function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** The checksum of a head begins with where the frame is: one that was written elsewhere is no frame here. */
function seed(segment: number, offset: number): number {
  return (Math.imul(segment, 0x9e37_79b1) ^ offset) >>> 0;
}

export class FrameHead {
  #buffer: Buffer = Buffer.allocUnsafeSlow(4_096);
  #view = new DataView(this.#buffer.buffer);

  /**
   * Writes the head of a frame; records of one id that follow each other share it. It lies in a buffer that the
   * next call uses again.
   */
  encode(records: readonly FrameRecord[], time: number, segment: number, offset: number): Buffer {
    const ids = idBytes(records);
    const bytes = aligned(FRAME_FIXED_BYTES + ENTRY_BYTES * records.length + ids);
    this.#reserve(bytes);
    const view = this.#view;
    let at = FRAME_FIXED_BYTES;
    let idAt = FRAME_FIXED_BYTES + ENTRY_BYTES * records.length;
    let idIndex = -1;
    let previous: string | undefined;
    let data = 0;
    for (const { partition, sequence, recordId, bytes, crc } of records) {
      if (recordId !== previous) {
        idIndex++;
        const length = this.#buffer.write(recordId, idAt + 2);
        view.setUint16(idAt, length, true);
        idAt += 2 + length;
        previous = recordId;
      }
      view.setFloat64(at, sequence, true);
      view.setUint32(at + 8, partition, true);
      view.setUint32(at + 12, bytes, true);
      view.setUint32(at + 16, crc, true);
      view.setUint32(at + 20, idIndex, true);
      at += ENTRY_BYTES;
      data += aligned(bytes);
    }
    this.#buffer.fill(0, idAt, bytes);
    view.setUint32(0, MAGIC, true);
    view.setUint32(8, bytes, true);
    view.setUint32(12, data, true);
    view.setUint32(16, records.length, true);
    view.setUint32(20, ids, true);
    view.setFloat64(24, time, true);
    view.setUint32(4, crc32(this.#buffer.subarray(8, bytes), seed(segment, offset)), true);
    return this.#buffer.subarray(0, bytes);
  }

  #reserve(bytes: number): void {
    if (this.#buffer.byteLength >= bytes) return;
    this.#buffer = Buffer.allocUnsafeSlow(2 * bytes);
    this.#view = new DataView(this.#buffer.buffer);
  }
}

function idBytes(records: readonly FrameRecord[]): number {
  let bytes = 0;
  let previous: string | undefined;
  for (const { recordId } of records) {
    if (recordId !== previous) bytes += 2 + Buffer.byteLength(recordId);
    previous = recordId;
  }
  return bytes;
}

/** A frame whose head was read and is right. */
export class Frame {
  /** Where it begins in its segment, where its data does, and where it ends. */
  readonly offset: number;
  readonly dataOffset: number;
  readonly end: number;
  readonly count: number;
  readonly time: number;
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number, offset: number) {
    this.#view = view;
    this.#at = at;
    this.offset = offset;
    this.dataOffset = offset + view.getUint32(at + 8, true);
    this.end = this.dataOffset + view.getUint32(at + 12, true);
    this.count = view.getUint32(at + 16, true);
    this.time = view.getFloat64(at + 24, true);
  }

  sequence(index: number): number {
    return this.#view.getFloat64(this.#entry(index), true);
  }

  partition(index: number): number {
    return this.#view.getUint32(this.#entry(index) + 8, true);
  }

  bytes(index: number): number {
    return this.#view.getUint32(this.#entry(index) + 12, true);
  }

  crc(index: number): number {
    return this.#view.getUint32(this.#entry(index) + 16, true);
  }

  idIndex(index: number): number {
    return this.#view.getUint32(this.#entry(index) + 20, true);
  }

  /** The ids of its records, each once if they follow each other. */
  ids(): string[] {
    const { buffer, byteOffset } = this.#view;
    const ids: string[] = [];
    let at = this.#entry(this.count);
    const end = at + this.#view.getUint32(this.#at + 20, true);
    while (at < end) {
      const length = this.#view.getUint16(at, true);
      ids.push(Buffer.from(buffer, byteOffset + at + 2, length).toString());
      at += 2 + length;
    }
    return ids;
  }

  #entry(index: number): number {
    return this.#at + FRAME_FIXED_BYTES + ENTRY_BYTES * index;
  }
}

/**
 * Bytes of the head of the frame that begins here, or `undefined` if none does. Of them `FRAME_FIXED_BYTES` must be
 * there; the number is not checked yet.
 */
export function headBytesAt(view: DataView, at: number): number | undefined {
  return view.getUint32(at, true) === MAGIC ? view.getUint32(at + 8, true) : undefined;
}

/** The frame whose head begins here, all of which is there; `undefined` if it is not what was written. */
export function frameAt(
  bytes: Buffer,
  view: DataView,
  at: number,
  segment: number,
  offset: number,
): Frame | undefined {
  const head = headBytesAt(view, at);
  if (head === undefined || head < FRAME_FIXED_BYTES || at + head > bytes.byteLength) return undefined;
  if (crc32(bytes.subarray(at + 8, at + head), seed(segment, offset)) !== view.getUint32(at + 4, true))
    return undefined;
  return new Frame(view, at, offset);
}
