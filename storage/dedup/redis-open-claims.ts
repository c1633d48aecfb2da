/**
 * What has been claimed of late, in a few words a token: whoever confirms all that a token has claimed needs to
 * tell Redis only that, and not of which keys.
 */
import { randomBytes } from 'node:crypto';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { DedupKeys } from './port.ts';

/** Letters of an owner: of a token's name the beginning is drawn, the rest counted; then comes the number of the call. */
const DRAWN_BYTES = 6;
const COUNTED_LETTERS = 3;
/** Together 14 letters, what fits one size of Redis' allocator. */
export const CALL_LETTERS = 3;
const RADIX = 36;
const COUNTED_TO = RADIX ** COUNTED_LETTERS;
/** Calls of a token that are told apart; further ones count as one. */
const CALLS = RADIX ** CALL_LETTERS;

interface OpenClaim {
  /** What the claims are held by in Redis, but for the call: nobody else's, and nobody's again. */
  readonly name: string;
  calls: number;
  readonly since: number;
  /** Of the one call that has claimed them; −1 where there were several. */
  words: number;
  readonly digest: number;
}

export class OpenClaims {
  readonly #pendingMs: number;
  /** By token, the oldest first. */
  readonly #open = new Map<string, OpenClaim>();
  #drawn = '';
  #counted = 0;

  /** @param pendingMs how long a claim lasts that nobody confirms */
  constructor(pendingMs: number) {
    this.#pendingMs = pendingMs;
  }

  /** Tokens that are known. */
  get size(): number {
    return this.#open.size;
  }

  /** Notes that the token claims these keys. Gives who owns them: each call of a token is an owner of its own. */
  add(token: string, keys: DedupKeys): string {
    const now = performance.now();
    this.#forgetBefore(now - this.#pendingMs);
    const known = this.#open.get(token);
    if (known !== undefined) {
      known.words = -1;
      return ownerOf(known.name, known.calls++);
    }
    const name = this.#newName();
    this.#open.set(token, { name, calls: 1, since: now, words: keys.length, digest: digestOf(keys) });
    return ownerOf(name, 0);
  }

  /** Who owns the claims of the token's first call; `undefined`: it has none, or has had them for too long. */
  ownerOf(token: string): string | undefined {
    const open = this.#open.get(token);
    return open && ownerOf(open.name, 0);
  }

  /** Whether these are the keys of the token's one call. If so the token is forgotten. */
  areAll(token: string, keys: DedupKeys): boolean {
    const open = this.#open.get(token);
    if (open?.words !== keys.length || open.digest !== digestOf(keys)) return false;
    return this.#open.delete(token);
  }

  #newName(): string {
    if (this.#counted % COUNTED_TO === 0) this.#drawn = randomBytes(DRAWN_BYTES).toString('base64url');
    return this.#drawn + (this.#counted++ % COUNTED_TO).toString(RADIX).padStart(COUNTED_LETTERS, '0');
  }

  #forgetBefore(time: number): void {
    for (const [token, { since }] of this.#open) {
      if (since >= time) return;
      this.#open.delete(token);
    }
  }
}

function ownerOf(name: string, call: number): string {
  return (
    name +
    Math.min(call, CALLS - 1)
      .toString(RADIX)
      .padStart(CALL_LETTERS, '0')
  );
}

/** A sum over the keys, whatever their order. */
function digestOf(keys: DedupKeys): number {
  let sum = 0;
  for (let at = 0; at < keys.length; at += FINGERPRINT_WORDS) {
    const mixed =
      Math.imul(keys[at] as number, 0x9e3779b1) ^
      Math.imul(keys[at + 1] as number, 0x85ebca77) ^
      Math.imul(keys[at + 2] as number, 0xc2b2ae3d);
    sum = (sum + Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)) | 0;
  }
  return sum;
}
