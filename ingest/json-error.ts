/**
 * Where a text stops being JSON (RFC 8259). `JSON.parse` tells that only for some errors, and quotes the
 * client's text in its message; this runs after it has refused.
 */

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WHITESPACE = /[ \t\n\r]*/y;
const LITERALS = ['true', 'false', 'null'];

/**
 * The offset, in UTF-16 units, of the first character that cannot stand there: the length of the text if
 * it ends too early, −1 if it is JSON.
 */
export function jsonErrorAt(text: string): number {
  return new Checker(text).check();
}

class Checker {
  readonly #text: string;
  #at = 0;
  /** Containers around the current position: whether each is an object. */
  readonly #objects: boolean[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  check(): number {
    for (;;) {
      if (!this.#value()) return this.#at;
      if (!this.#afterValue()) return this.#objects.length === 0 && this.#isAtEnd() ? -1 : this.#at;
    }
  }

  /** Reads a value, or the beginning of a container up to where its first value is due. */
  #value(): boolean {
    for (;;) {
      const char = this.#next();
      if (char === '"') return this.#string();
      if (char !== '{' && char !== '[') return this.#scalar();
      this.#at++;
      const isObject = char === '{';
      if (this.#next() === (isObject ? '}' : ']')) {
        this.#at++;
        return true;
      }
      this.#objects.push(isObject);
      if (isObject && !this.#key()) return false;
    }
  }

  /** Reads what follows a value; whether another value is due. */
  #afterValue(): boolean {
    while (this.#objects.length > 0) {
      const isObject = this.#objects[this.#objects.length - 1] as boolean;
      const char = this.#next();
      if (char === ',') {
        this.#at++;
        return !isObject || this.#key();
      }
      if (char !== (isObject ? '}' : ']')) return false;
      this.#at++;
      this.#objects.pop();
    }
    return false;
  }

  #key(): boolean {
    if (this.#next() !== '"' || !this.#string()) return false;
    if (this.#next() !== ':') return false;
    this.#at++;
    return true;
  }

  #string(): boolean {
    for (this.#at++; this.#at < this.#text.length; ) {
      const char = this.#text.charCodeAt(this.#at);
      if (char === 0x22) {
        this.#at++;
        return true;
      }
      if (char < 0x20) return false;
      if (char !== 0x5c) this.#at++;
      else if (!this.#skip(ESCAPE)) return false;
    }
    return false;
  }

  #scalar(): boolean {
    const literal = LITERALS.find((word) => this.#text.startsWith(word, this.#at));
    if (literal === undefined) return this.#skip(NUMBER);
    this.#at += literal.length;
    return true;
  }

  #isAtEnd(): boolean {
    return this.#next() === undefined;
  }

  /** The next character that is not white space. */
  #next(): string | undefined {
    this.#skip(WHITESPACE);
    return this.#text[this.#at];
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}
