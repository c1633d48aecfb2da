/** Lots that are held, by the days (UTC) on which they are released: what is saved of a day changes with it alone. */
import { limits } from '../../limits.ts';
import { type Lot, Lots } from './lots.ts';

const DAY_MS = 86_400_000;

export function dayOf(releaseAt: number): number {
  return Math.floor(releaseAt / DAY_MS);
}

export class HeldLots {
  readonly #days: Map<number, Lots>;
  /** Days that are other than when this was last asked for. */
  #changed = new Set<number>();

  constructor(days: Iterable<readonly [number, Lots]> = []) {
    this.#days = new Map(days);
  }

  /** Days since the epoch with something held, in order. */
  get days(): number[] {
    return [...this.#days.keys()].sort((one, other) => one - other);
  }

  lotsOf(day: number): Lots {
    return this.#days.get(day) ?? new Lots();
  }

  *lots(): Generator<Lot> {
    for (const day of this.days) yield* this.lotsOf(day);
  }

  /** When the next one is released. */
  get earliest(): number | undefined {
    if (this.#days.size === 0) return undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const day of this.#days.keys()) if (day < first) first = day;
    return this.lotsOf(first).first?.releaseAt;
  }

  add(lot: Lot): void {
    const day = dayOf(lot.releaseAt);
    const lots = this.lotsOf(day);
    this.#days.set(day, lots);
    lots.add(lot);
    lots.fit(limits.lotsPerReleaseDay);
    this.#changed.add(day);
  }

  /** Takes away those whose hold is over by a time, the earliest first. */
  takeReleased(time: number): Lot[] {
    const released: Lot[] = [];
    if ((this.earliest ?? Number.POSITIVE_INFINITY) > time) return released;
    for (const day of this.days) {
      if (day > dayOf(time)) break;
      const taken = this.lotsOf(day).takeReleased(time);
      if (taken.length > 0) this.#note(day);
      released.push(...taken);
    }
    return released;
  }

  /** Takes away what there is of a campaign's commission of a release, up to an amount; gives how much that was. */
  takeOf(campaignId: string, releaseAt: number, micros: bigint): bigint {
    const day = dayOf(releaseAt);
    const taken = this.lotsOf(day).takeOf(campaignId, releaseAt, micros);
    if (taken > 0n) this.#note(day);
    return taken;
  }

  /** Days that have changed since the last call. */
  takeChanges(): ReadonlySet<number> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  #note(day: number): void {
    this.#changed.add(day);
    if (this.lotsOf(day).size === 0) this.#days.delete(day);
  }
}
