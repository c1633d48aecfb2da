/**
 * Names that come again and again, record after record: of campaigns, partners, contents. Each is one and the same
 * object wherever it is read, so that a `Map` finds it by its address, and none keeps the text of a whole record
 * in memory, as a slice of it would.
 *
 * It is a cache and nothing else: whether a name is in it changes no result.
 */
import { limits } from '../limits.ts';

export class Names {
  readonly #names = new Map<string, string>();

  /** The name that equals `text`. */
  of(text: string): string {
    return this.#names.get(text) ?? this.#keep(text);
  }

  #keep(text: string): string {
    if (this.#names.size >= limits.namesInMemory) this.#names.clear();
    // By way of its bytes: a copy of its own, and not a part of a larger text.
    const name = Buffer.from(text, 'utf16le').toString('utf16le');
    this.#names.set(name, name);
    return name;
  }
}
