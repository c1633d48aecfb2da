/**
 * Where the records of ids are: a hash table of 32 bits of each id and the place of a frame, in two flat arrays. An
 * id takes 16 to 48 bytes and the garbage collector nothing, where a Map of strings takes 150 bytes that it has to
 * visit: of a thousand commits a second there are 240,000. Two ids may look the same, so whoever finds a place
 * looks there.
 */
const FIRST_SLOTS = 1_024;

/** A hash of an id: FNV-1a, with its bits mixed at the end. */
export function idTag(id: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export class IdTable {
  #tags: Uint32Array;
  /** 0: free. */
  #places: Float64Array;
  #size = 0;

  /** @param expected how many ids it will have, more or less: it need not grow on its way there */
  constructor(expected = 0) {
    const slots = Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(2 * expected + 1)));
    this.#tags = new Uint32Array(slots);
    this.#places = new Float64Array(slots);
  }

  get size(): number {
    return this.#size;
  }

  /** @param place any number but 0 */
  add(tag: number, place: number): void {
    if (2 * this.#size >= this.#tags.length) this.#grow();
    let slot = tag & (this.#tags.length - 1);
    for (; this.#places[slot] !== 0; slot = (slot + 1) & (this.#tags.length - 1))
      if (this.#tags[slot] === tag && this.#places[slot] === place) return;
    this.#tags[slot] = tag;
    this.#places[slot] = place;
    this.#size++;
  }

  /** Asks `look` about each place of this tag, until it gives something. */
  find<T>(tag: number, look: (place: number) => T | undefined): T | undefined {
    const last = this.#tags.length - 1;
    for (let slot = tag & last; ; slot = (slot + 1) & last) {
      const place = this.#places[slot] as number;
      if (place === 0) return undefined;
      if (this.#tags[slot] !== tag) continue;
      const found = look(place);
      if (found !== undefined) return found;
    }
  }

  #grow(): void {
    const tags = this.#tags;
    const places = this.#places;
    this.#tags = new Uint32Array(2 * tags.length);
    this.#places = new Float64Array(2 * tags.length);
    this.#size = 0;
    for (const [slot, place] of places.entries()) if (place !== 0) this.add(tags[slot] as number, place);
  }
}
