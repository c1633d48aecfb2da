/**
 * What has been claimed of late, in a few words a token: whoever confirms all that a token has claimed needs to
 * tell Redis only that, and not of which keys.
 */
import { randomInt } from 'node:crypto';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { DedupKeys } from './port.ts';

/** Digits of an owner: the beginning is drawn, the rest counted. */
const DRAWN_FROM = 100_000_000_000;
const COUNTED_DIGITS = 6;

interface OpenClaim {
  /** What the claims are held by in Redis: nobody else's, and nobody's again. */
  readonly owner: string;
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

  /** Notes that the token claims these keys. Gives who owns them. */
  add(token: string, keys: DedupKeys): string {
    const now = performance.now();
    this.#forgetBefore(now - this.#pendingMs);
    const known = this.#open.get(token);
    if (known !== undefined) {
      known.words = -1;
      return known.owner;
    }
    const owner = this.#newOwner();
    this.#open.set(token, { owner, since: now, words: keys.length, digest: digestOf(keys) });
    return owner;
  }

  /** Who owns the token's claims; `undefined`: it has none, or has had them for too long. */
  ownerOf(token: string): string | undefined {
    return this.#open.get(token)?.owner;
  }

  /** Whether these are the keys of the token's one call. If so the token is forgotten. */
  areAll(token: string, keys: DedupKeys): boolean {
    const open = this.#open.get(token);
    if (open?.words !== keys.length || open.digest !== digestOf(keys)) return false;
    return this.#open.delete(token);
  }

  /** A number of 17 digits: of a value that is an integer of 64 bits, Redis keeps just that. */
  #newOwner(): string {
    if (this.#counted % 10 ** COUNTED_DIGITS === 0)
      this.#drawn = String(randomInt(DRAWN_FROM / 10, DRAWN_FROM));
    return this.#drawn + String(this.#counted++ % 10 ** COUNTED_DIGITS).padStart(COUNTED_DIGITS, '0');
  }

  #forgetBefore(time: number): void {
    for (const [token, { since }] of this.#open) {
      if (since >= time) return;
      this.#open.delete(token);
    }
  }
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
