/**
 * The embedded deduplication filter: two generations of a hash table in memory.
 *
 * New keys go into the current generation; the older one is only looked up. When the current one has
 * lasted `limits.claimMs` (or holds half of `limits.claimsInMemory`) it becomes the older one, and what
 * was the older one is forgotten: a confirmed key is remembered for between one and two `claimMs`.
 *
 * A slot's mark says what holds the key: nobody (released), for good (confirmed), or the number of the
 * call that claimed it. The token and the time are kept once per call, not per key; and a call of which all
 * keys are confirmed together, as nearly all are, is confirmed by one bit: to find its keys again was 4 % of the
 * collector's time with batches, as each of them is a cache miss.
 */
import { limits } from '../../limits.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { CallSet } from './call-set.ts';
import { ABSENT, ClaimTable } from './claim-table.ts';
import { Claim, type ClaimResult, type Dedup, type DedupKeys } from './port.ts';

const CONFIRMED = 1;
const RELEASED = 2;
/** Marks from here on are numbers of calls. */
const FIRST_CALL = 3;
const LAST_CALL = 0xffffffff;

/** A call to `claim` of which some keys are neither confirmed nor released. */
interface PendingCall {
  readonly number: number;
  readonly token: string;
  readonly expiresAt: number;
  /** All that it was asked to claim. */
  readonly claimed: DedupKeys;
  /** Keys it still holds. */
  keys: number;
}

export interface MemoryDedupOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Keys kept at most; `limits.claimsInMemory` if not said. */
  readonly capacity?: number;
}

/** Opens an empty filter. It lives as long as the process. */
export function openMemoryDedup(options: MemoryDedupOptions = {}): Dedup {
  return new MemoryDedup(options);
}

class MemoryDedup implements Dedup {
  readonly isReachable = true;
  readonly #now: () => number;
  readonly #keysPerGeneration: number;
  #current = new ClaimTable();
  #older = new ClaimTable();
  #since: number;
  /** Pending calls by number, the oldest first. */
  readonly #calls = new Map<number, PendingCall>();
  /** The latest pending call of each token. */
  readonly #callOf = new Map<string, PendingCall>();
  /** Calls that were confirmed as a whole: their keys still bear their numbers. */
  #confirmed = new CallSet();
  /** The last call that may have keys in the older generation. */
  #lastOlder = 0;
  #lastNumber = FIRST_CALL - 1;
  /** The call that was looked up last: keys of one batch were mostly claimed by one call. */
  #recent: PendingCall | undefined;

  constructor({ now = Date.now, capacity = limits.claimsInMemory }: MemoryDedupOptions) {
    this.#now = now;
    this.#keysPerGeneration = Math.max(1, Math.floor(capacity / 2));
    this.#since = now();
  }

  async claim(keys: DedupKeys, token: string): Promise<Uint8Array> {
    const now = this.#now();
    this.#rotate(now);
    this.#expireCalls(now);
    const call = this.#newCall(keys, token, now);
    const results = new Uint8Array(keyCount(keys));
    let refused: ClaimTable | undefined;
    for (let i = 0, at = 0; i < results.length; i++, at += FINGERPRINT_WORDS) {
      const result = this.#claimKey(keys, at, call, now);
      results[i] = result;
      if (result !== Claim.uncertain) continue;
      // Rare: the key is not this call's, so the table cannot tell that it occurs twice in it.
      refused ??= new ClaimTable();
      if (refused.find(keys, at) === ABSENT) refused.insert(keys, at, CONFIRMED);
      else results[i] = Claim.duplicate;
    }
    if (call.keys === 0) this.#drop(call);
    return results;
  }

  async confirm(keys: DedupKeys, token: string): Promise<void> {
    const now = this.#now();
    this.#expireCalls(now);
    const count = keyCount(keys);
    if (this.#confirmWhole(keys, token)) return;
    for (let i = 0, at = 0; i < count; i++, at += FINGERPRINT_WORDS) {
      const table = this.#held(keys, at, token);
      if (table === this.#current) table.update(CONFIRMED);
      else if (table) {
        // It counts from now on, for the whole time: it moves to the generation that lasts.
        table.update(RELEASED);
        this.#current.find(keys, at);
        this.#current.insert(keys, at, CONFIRMED);
        this.#turnIfFull(now);
      }
    }
  }

  /**
   * Confirms the token's call if these are its keys. Not if generations have turned since: its keys must move then;
   * nor after another call of the token, which may hold some of them.
   */
  #confirmWhole(keys: DedupKeys, token: string): boolean {
    const call = this.#callOf.get(token);
    if (call === undefined || call.number <= this.#lastOlder || !areSame(call.claimed, keys)) return false;
    this.#confirmed.add(call.number);
    this.#drop(call);
    return true;
  }

  async release(keys: DedupKeys, token: string): Promise<void> {
    this.#expireCalls(this.#now());
    const count = keyCount(keys);
    for (let i = 0, at = 0; i < count; i++, at += FINGERPRINT_WORDS)
      this.#held(keys, at, token)?.update(RELEASED);
  }

  async close(): Promise<void> {
    this.#forget();
  }

  #claimKey(keys: DedupKeys, at: number, call: PendingCall, now: number): ClaimResult {
    const mark = this.#current.find(keys, at);
    if (mark !== ABSENT) {
      const result = this.#judge(mark, call, now);
      if (result === Claim.new) this.#current.update(call.number);
      return result;
    }
    const olderMark = this.#older.size === 0 ? ABSENT : this.#older.find(keys, at);
    if (olderMark !== ABSENT && olderMark !== RELEASED) {
      const result = this.#judge(olderMark, call, now);
      if (result !== Claim.new) return result;
      this.#older.update(RELEASED);
    } else call.keys++;
    this.#current.insert(keys, at, call.number);
    this.#turnIfFull(now);
    return Claim.new;
  }

  /** What a key with this mark is to the call; `new`: the call holds it from now on. */
  #judge(mark: number, call: PendingCall, now: number): ClaimResult {
    if (mark === CONFIRMED || mark === call.number || this.#confirmed.has(mark)) return Claim.duplicate;
    const holder = mark === RELEASED ? undefined : this.#call(mark);
    if (holder && holder.token !== call.token && now < holder.expiresAt) return Claim.uncertain;
    if (holder) this.#letGo(holder);
    call.keys++;
    return Claim.new;
  }

  /** The table in which the key is held by an unconfirmed claim of the token, positioned on it. */
  #held(keys: DedupKeys, at: number, token: string): ClaimTable | undefined {
    let table = this.#current;
    let mark = table.find(keys, at);
    if (mark === ABSENT) {
      table = this.#older;
      mark = table.find(keys, at);
    }
    if (mark < FIRST_CALL) return undefined;
    const call = this.#call(mark);
    if (call?.token !== token) return undefined;
    this.#letGo(call);
    return table;
  }

  #newCall(claimed: DedupKeys, token: string, now: number): PendingCall {
    // After 4 billion calls there are no more numbers: it begins anew.
    if (this.#lastNumber === LAST_CALL) this.#forget();
    const number = ++this.#lastNumber;
    const call = { number, token, expiresAt: now + limits.pendingClaimMs, claimed, keys: 0 };
    this.#calls.set(number, call);
    this.#callOf.set(token, call);
    return call;
  }

  #call(number: number): PendingCall | undefined {
    if (this.#recent?.number === number) return this.#recent;
    const call = this.#calls.get(number);
    if (call) this.#recent = call;
    return call;
  }

  #letGo(call: PendingCall): void {
    call.keys--;
    if (call.keys === 0) this.#drop(call);
  }

  #drop(call: PendingCall): void {
    this.#calls.delete(call.number);
    if (this.#callOf.get(call.token) === call) this.#callOf.delete(call.token);
    if (this.#recent === call) this.#recent = undefined;
  }

  /** Drops calls that were given up: whoever looks at their keys finds no holder and takes them over. */
  #expireCalls(now: number): void {
    for (const call of this.#calls.values()) {
      if (now < call.expiresAt) return;
      this.#drop(call);
    }
  }

  #rotate(now: number): void {
    if (now - this.#since >= 2 * limits.claimMs) this.#forget();
    if (now - this.#since >= limits.claimMs) this.#turn(now);
  }

  #turnIfFull(now: number): void {
    const { size, isFull } = this.#current;
    if (size >= this.#keysPerGeneration || isFull) this.#turn(now);
  }

  #turn(now: number): void {
    this.#older = this.#current;
    this.#current = new ClaimTable();
    this.#since = now;
    // The call that is under way may have keys in both.
    this.#confirmed.forgetBefore(this.#lastOlder);
    this.#lastOlder = this.#lastNumber;
  }

  #forget(): void {
    this.#current = new ClaimTable();
    this.#older = new ClaimTable();
    this.#calls.clear();
    this.#callOf.clear();
    this.#recent = undefined;
    this.#confirmed = new CallSet();
    this.#lastNumber = FIRST_CALL - 1;
    this.#lastOlder = 0;
  }
}

function areSame(some: DedupKeys, others: DedupKeys): boolean {
  if (some === others) return true;
  return some.length === others.length && some.every((word, at) => word === others[at]);
}

function keyCount(keys: DedupKeys): number {
  if (keys.length % FINGERPRINT_WORDS !== 0)
    throw new Error(`${keys.length} words are not whole fingerprints`);
  return keys.length / FINGERPRINT_WORDS;
}
