/** Collects a body that comes in pieces, in memory of at most about twice its size, however small they are. */

const FIRST_BYTES = 4_096;

export class BodyBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Adds a copy of `piece`. */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * this.#bytes.length, length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** What was added so far. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
