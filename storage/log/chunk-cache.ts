/**
 * What a thread has read of the log of late. Its readers go side by side, each through its own partition, and what
 * one of them reads holds the records of the others: so a stretch is read once and not by record, which was 3 of 7 µs
 * that a record of 1.5 KB took, with 2 µs more for its buffer and the garbage. At the end of the log it holds what
 * the index has just read.
 */
import { type Chunk, readChunk, type SegmentFile } from './segment-walk.ts';

const CHUNKS = 8;
const CHUNK_BYTES = 512 * 1024;

export class ChunkCache {
  /** The latest one last. */
  readonly #chunks: { readonly segment: number; readonly chunk: Chunk }[] = [];

  add(segment: number, chunk: Chunk): void {
    this.#chunks.push({ segment, chunk });
    if (this.#chunks.length > CHUNKS) this.#chunks.shift();
  }

  /** These bytes, if they are here. */
  get(segment: number, offset: number, length: number): Uint8Array | undefined {
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const entry = this.#chunks[index];
      if (entry === undefined || entry.segment !== segment) continue;
      const at = offset - entry.chunk.offset;
      if (at >= 0 && at + length <= entry.chunk.bytes.byteLength)
        return entry.chunk.bytes.subarray(at, at + length);
    }
    return undefined;
  }

  /** Reads these bytes, and what follows them up to `end`, as far as it is worth it. */
  read(file: SegmentFile, offset: number, length: number, end: number): Uint8Array {
    const chunk = readChunk(file, offset, Math.min(Math.max(CHUNK_BYTES, length), end - offset));
    this.add(file.number, chunk);
    return chunk.bytes.subarray(0, length);
  }
}
