/**
 * Lots in the order in which they are paid: the earliest release first, those of one release by their campaigns. It
 * depends on the lots alone, so what comes back from a payout that failed has its old place again.
 */
import type { Lot as PublicLot } from '../../model/account.ts';

export interface Lot extends PublicLot {
  /** The earliest release among its commissions: before `releaseAt` where lots were put together. */
  readonly since: number;
}

export class Lots implements Iterable<Lot> {
  #lots: Lot[];
  #micros: bigint;

  constructor(lots: readonly Lot[] = []) {
    this.#lots = [...lots];
    this.#micros = lots.reduce((sum, { micros }) => sum + micros, 0n);
  }

  get size(): number {
    return this.#lots.length;
  }

  /** What all of them come to. */
  get micros(): bigint {
    return this.#micros;
  }

  get first(): Lot | undefined {
    return this.#lots[0];
  }

  [Symbol.iterator](): IterableIterator<Lot> {
    return this.#lots[Symbol.iterator]();
  }

  /** Adds a lot; to that of its campaign and release, if there is one. */
  add(lot: Lot): void {
    const at = this.#placeOf(lot);
    const there = this.#lots[at];
    this.#micros += lot.micros;
    if (there && compare(there, lot) === 0)
      this.#lots[at] = {
        ...there,
        since: Math.min(there.since, lot.since),
        micros: there.micros + lot.micros,
      };
    else this.#lots.splice(at, 0, lot);
  }

  /** Takes this much away from the front, or all there is; the last lot may be taken in part. */
  takeFirst(micros: bigint): Lot[] {
    const taken: Lot[] = [];
    let rest = micros;
    while (rest > 0n) {
      const lot = this.#lots[taken.length];
      if (!lot) break;
      taken.push(lot.micros <= rest ? lot : { ...lot, micros: rest });
      rest -= lot.micros;
    }
    if (taken.length === 0) return taken;
    // What is left of the last one stays in its place.
    const last = taken.length - 1;
    if (rest < 0n) this.#lots.splice(0, taken.length, { ...(taken[last] as Lot), micros: -rest });
    else this.#lots.splice(0, taken.length);
    for (const lot of taken) this.#micros -= lot.micros;
    return taken;
  }

  /** Takes those that are released by a time away. */
  takeReleased(time: number): Lot[] {
    const count = this.#lots.findIndex(({ releaseAt }) => releaseAt > time);
    const taken = this.#lots.splice(0, count < 0 ? this.#lots.length : count);
    for (const lot of taken) this.#micros -= lot.micros;
    return taken;
  }

  /**
   * Takes away what there is of a campaign's commission of a release, up to an amount.
   *
   * @returns how much that was
   */
  takeOf(campaignId: string, releaseAt: number, micros: bigint): bigint {
    let rest = micros;
    const kept: Lot[] = [];
    for (const lot of this.#lots) {
      const isIts = lot.campaignId === campaignId && lot.since <= releaseAt && releaseAt <= lot.releaseAt;
      const taken = isIts ? smaller(lot.micros, rest) : 0n;
      rest -= taken;
      if (taken < lot.micros) kept.push(taken === 0n ? lot : { ...lot, micros: lot.micros - taken });
    }
    const taken = micros - rest;
    if (taken === 0n) return 0n;
    this.#lots = kept;
    this.#micros -= taken;
    return taken;
  }

  /**
   * Puts lots of one campaign together, the earliest with the next, until there are three quarters of a bound, if
   * there are more than it; or one of each campaign. Nothing is released sooner by that.
   */
  fit(bound: number): void {
    if (this.#lots.length <= bound) return;
    let surplus = this.#lots.length - Math.floor((bound * 3) / 4);
    const kept: Lot[] = [];
    const last = new Map<string, number>();
    for (const [index, { campaignId }] of this.#lots.entries()) last.set(campaignId, index);
    const carried = new Map<string, Lot>();
    for (const [index, lot] of this.#lots.entries()) {
      const before = carried.get(lot.campaignId);
      const joined = before
        ? { ...lot, since: Math.min(before.since, lot.since), micros: before.micros + lot.micros }
        : lot;
      carried.delete(lot.campaignId);
      if (surplus > 0 && last.get(lot.campaignId) !== index) {
        carried.set(lot.campaignId, joined);
        surplus--;
      } else kept.push(joined);
    }
    this.#lots = kept;
  }

  /** Index of the first lot that does not stand before this one. */
  #placeOf(lot: Lot): number {
    let from = 0;
    let to = this.#lots.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compare(this.#lots[middle] as Lot, lot) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Whether one stands before (negative), at, or behind another. */
function compare(one: Lot, other: Lot): number {
  if (one.releaseAt !== other.releaseAt) return one.releaseAt - other.releaseAt;
  return one.campaignId < other.campaignId ? -1 : Number(one.campaignId > other.campaignId);
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
