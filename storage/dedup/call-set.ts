/** A set of numbers that were counted up, of which the lowest are forgotten from time to time: one bit for each. */

const BITS = 32;
const FIRST_WORDS = 1_024;

export class CallSet {
  /** The number of the first bit: a multiple of `BITS`. */
  #base = 0;
  #words = new Uint32Array(FIRST_WORDS);

  /** @param number not below what was forgotten */
  add(number: number): void {
    const at = number - this.#base;
    const word = Math.floor(at / BITS);
    if (word >= this.#words.length) {
      const longer = new Uint32Array(2 * word);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words[word] = (this.#words[word] as number) | (1 << (at % BITS));
  }

  has(number: number): boolean {
    const at = number - this.#base;
    if (at < 0) return false;
    const word = this.#words[Math.floor(at / BITS)];
    return word !== undefined && (word & (1 << (at % BITS))) !== 0;
  }

  /** Forgets numbers below this one; some of them may stay. */
  forgetBefore(number: number): void {
    const words = Math.floor((number - this.#base) / BITS);
    if (words <= 0) return;
    const left = this.#words.slice(words);
    this.#words = new Uint32Array(Math.max(FIRST_WORDS, left.length));
    this.#words.set(left);
    this.#base += words * BITS;
  }
}
