/** What waits for one commit of the embedded log: the data, laid where it is written from, and who waits for it. */
import { crc32 } from 'node:zlib';
import { aligned, ENTRY_BYTES, type FrameRecord } from './segment-frame.ts';

const FIRST_BYTES = 64 * 1024;

export interface Append extends FrameRecord {
  /** Given out when the commit begins. */
  sequence: number;
  /** Of partition and record. */
  readonly key: string;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

export class CommitBuffer {
  readonly appends: Append[] = [];
  #data: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;

  /** Bytes that wait here, with what they take beside the data. */
  get bytes(): number {
    return this.#used + ENTRY_BYTES * this.appends.length;
  }

  /** The data of all appends, each aligned. */
  get data(): Buffer {
    return this.#data.subarray(0, this.#used);
  }

  /** Bytes of memory that it takes. */
  get capacity(): number {
    return this.#data.byteLength;
  }

  /** Takes a copy of the data: the only one on its way to the disk. Resolves as the commit does. */
  add(partition: number, recordId: string, key: string, data: Uint8Array): Promise<number> {
    const bytes = data.byteLength;
    const end = this.#used + aligned(bytes);
    if (end > this.#data.byteLength) this.#grow(end);
    this.#data.set(data, this.#used);
    this.#data.fill(0, this.#used + bytes, end);
    this.#used = end;
    return new Promise((resolve, reject) => {
      this.appends.push({ partition, recordId, sequence: 0, bytes, crc: crc32(data), key, resolve, reject });
    });
  }

  clear(): void {
    this.appends.length = 0;
    this.#used = 0;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    larger.set(this.data);
    this.#data = larger;
  }
}
