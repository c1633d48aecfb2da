/** A bound on what is under way at a time; what exceeds it waits, first come, first served. */

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

export class Window {
  readonly #maxBytes: number;
  readonly #maxCount: number;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #count = 0;

  constructor(maxBytes: number, maxCount: number) {
    this.#maxBytes = maxBytes;
    this.#maxCount = maxCount;
  }

  /**
   * Enters, at once if the result is `undefined`, otherwise when it resolves. Each that entered must leave
   * with the same number of bytes.
   */
  enter(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length > 0 || !this.#hasRoomFor(bytes))
      return new Promise((resolve) => this.#waiting.push({ bytes, enter: resolve }));
    this.#take(bytes);
    return undefined;
  }

  leave(bytes: number): void {
    this.#bytes -= bytes;
    this.#count--;
    for (let next = this.#waiting[0]; next && this.#hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.enter();
    }
  }

  /** One that is larger than the window has room when it is alone. */
  #hasRoomFor(bytes: number): boolean {
    return this.#count === 0 || (this.#count < this.#maxCount && this.#bytes + bytes <= this.#maxBytes);
  }

  #take(bytes: number): void {
    this.#bytes += bytes;
    this.#count++;
  }
}
