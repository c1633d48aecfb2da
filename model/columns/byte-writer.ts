/** Bytes that are written one after the other into memory that grows. */

const FIRST_CAPACITY = 1_024;
/** From this length on a call to copy or to fill is cheaper than a loop. */
const COPY_BYTES = 64;
/** Likewise for a loop that takes a word at a time. */
const COPY_WORDS_BYTES = 256;
const WORD_BYTES = 4;
/** Bytes of the longest length. */
const LENGTH_BYTES = 5;

export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  /** @param capacity bytes that are likely to be written */
  constructor(capacity = FIRST_CAPACITY) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacity, FIRST_CAPACITY));
    this.#view = viewOf(this.#bytes);
  }

  /** What was written. Nothing may be written afterwards. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** @param value below 2^32; the upper half is 0 */
  uint64(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
    this.#at = this.#bytes.writeUInt32LE(0, this.#at);
  }

  /** A length, in as few bytes as it needs. @param value below 2^32 */
  length(value: number): void {
    this.#reserve(LENGTH_BYTES);
    this.#length(value);
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#at);
    this.#at += source.length;
  }

  zeros(count: number): void {
    this.#reserve(count);
    const end = this.#at + count;
    if (count < COPY_BYTES) for (let at = this.#at; at < end; at++) this.#bytes[at] = 0;
    else this.#bytes.fill(0, this.#at, end);
    this.#at = end;
  }

  /** A text as UTF-8, its length in front. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + LENGTH_BYTES);
    // Short ASCII, the usual case, is copied faster here than by a call into the runtime.
    if (length < COPY_BYTES && this.#shortAscii(text)) return;
    const bytes = Buffer.byteLength(text);
    this.#length(bytes);
    this.#at += this.#bytes.write(text, this.#at, bytes === length ? 'latin1' : 'utf8');
  }

  /**
   * The text whose UTF-8 bytes are `source[start]` up to `source[end]`, not included, its length in front.
   *
   * @param words the same memory as `source`
   */
  slice(source: Uint8Array, words: DataView, start: number, end: number): void {
    const length = end - start;
    // The last word may reach beyond the text: what stands there is written over by what comes next.
    this.#reserve(length + LENGTH_BYTES + WORD_BYTES);
    this.#length(length);
    const to = this.#at - start;
    if (length < COPY_WORDS_BYTES && end + WORD_BYTES <= source.length) {
      const view = this.#view;
      for (let i = start; i < end; i += WORD_BYTES) view.setUint32(to + i, words.getUint32(i, true), true);
    } else this.#bytes.set(source.subarray(start, end), this.#at);
    this.#at += length;
  }

  #shortAscii(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }

  #length(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, needed));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
