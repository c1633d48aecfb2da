/**
 * Where the records of a segment are, by partition. Each thread makes its own index of the segments that it reads,
 * by walking over their frames, and goes on with the last one as it grows: 10 to 40 ms for a whole segment, and
 * nothing that would have to be written, or be kept true.
 */
import { aligned, type Frame } from './segment-frame.ts';
import { type Chunk, type SegmentFile, walkFrames } from './segment-walk.ts';

const FIRST_PLACES = 16;

/** The places of a partition's records in a segment: they follow each other without a gap. */
export class Places {
  readonly first: number;
  #count = 0;
  #offsets = new Uint32Array(FIRST_PLACES);
  #lengths = new Uint32Array(FIRST_PLACES);
  #checksums = new Uint32Array(FIRST_PLACES);
  #times = new Float64Array(FIRST_PLACES);

  /** @param first the sequence of its first record */
  constructor(first: number) {
    this.first = first;
  }

  /** The sequence behind its last record. */
  get end(): number {
    return this.first + this.#count;
  }

  add(offset: number, length: number, checksum: number, time: number): void {
    if (this.#count === this.#offsets.length) this.#grow();
    this.#offsets[this.#count] = offset;
    this.#lengths[this.#count] = length;
    this.#checksums[this.#count] = checksum;
    this.#times[this.#count] = time;
    this.#count++;
  }

  offset(sequence: number): number {
    return this.#offsets[sequence - this.first] as number;
  }

  bytes(sequence: number): number {
    return this.#lengths[sequence - this.first] as number;
  }

  checksum(sequence: number): number {
    return this.#checksums[sequence - this.first] as number;
  }

  time(sequence: number): number {
    return this.#times[sequence - this.first] as number;
  }

  #grow(): void {
    const larger = <T extends Uint32Array | Float64Array>(empty: T, old: T): T => {
      empty.set(old);
      return empty;
    };
    const places = 2 * this.#count;
    this.#offsets = larger(new Uint32Array(places), this.#offsets);
    this.#lengths = larger(new Uint32Array(places), this.#lengths);
    this.#checksums = larger(new Uint32Array(places), this.#checksums);
    this.#times = larger(new Float64Array(places), this.#times);
  }
}

export class SegmentIndex {
  readonly #file: SegmentFile;
  readonly #places: (Places | undefined)[] = [];
  #end: number;

  /** @param start where the first frame begins */
  constructor(file: SegmentFile, start: number) {
    this.#file = file;
    this.#end = start;
  }

  /** Where the last frame ends that it knows. */
  get end(): number {
    return this.#end;
  }

  /** Takes in the frames up to `end`; gives what it has read last. */
  follow(end: number): Chunk | undefined {
    if (end <= this.#end) return undefined;
    const last = walkFrames(this.#file, this.#end, end, (frame) => this.#add(frame));
    this.#end = end;
    return last;
  }

  places(partition: number): Places | undefined {
    return this.#places[partition];
  }

  #add(frame: Frame): void {
    let offset = frame.dataOffset;
    for (let index = 0; index < frame.count; index++) {
      const partition = frame.partition(index);
      const bytes = frame.bytes(index);
      let places = this.#places[partition];
      if (places === undefined) {
        places = new Places(frame.sequence(index));
        this.#places[partition] = places;
      }
      places.add(offset, bytes, frame.crc(index), frame.time);
      offset += aligned(bytes);
    }
  }
}
