/**
 * What the partners of a campaign have brought and earned by each rule of its plan, in the present day, the present
 * month, and its life: what tiers and caps of partners go by. Nothing is tallied for rates that have neither.
 */
import { limits } from '../../../limits.ts';
import { CAP_PERIODS, type CapPeriod } from '../../../model/campaign.ts';
import type { ActorDocument, DocumentReader } from '../../actor.ts';
import type { DroppedSet } from '../../memory/paged-set.ts';
import { endOfPeriod } from '../calendar.ts';
import { type Tally, TallyPages } from './tally-pages.ts';

/** Of whom a tally is that several partners share; no partner has this name. */
const OTHERS = '';

export const NO_TALLY: Tally = Object.freeze({ count: 0n, revenueMicros: 0n, rest: 0n, earnedMicros: 0n });

/** Whose tally it is. */
export interface TallyKey {
  readonly period: CapPeriod;
  /** Name of the rule. */
  readonly rule: string;
  readonly partnerId: string;
}

/** A tally as an event leaves it. */
export interface TallyChange {
  readonly key: TallyKey;
  readonly tally: Tally;
}

/** A tally, and whether other partners, of which there are too many, share it. */
export interface FoundTally {
  readonly key: TallyKey;
  readonly tally: Tally;
  readonly isShared: boolean;
}

/** What decisions may ask. */
export interface TallyReader {
  find(period: CapPeriod, rule: string, partnerId: string): FoundTally;
}

/** Where the tallies stand. */
export interface TalliesJson {
  /** Number of the generation that was begun last: none has its name again. */
  readonly last: number;
  readonly periods: readonly (readonly [
    period: CapPeriod,
    generation: number,
    endsAt: number,
    size: number,
  ])[];
}

/** The present one of its kind. */
interface Generation {
  readonly number: number;
  /** Record time, milliseconds since the epoch. */
  readonly endsAt: number;
  readonly pages: TallyPages;
}

export class Tallies implements TallyReader {
  readonly #generations = new Map<CapPeriod, Generation>();
  readonly #mostPerPeriod: number;
  /** Number of the generation that was begun last, of any period. */
  #last = 0;
  /** When the first of the present periods ends. */
  #endsAt = Number.POSITIVE_INFINITY;
  #dropped: DroppedSet[] = [];

  /** @param mostPerPeriod tallies that a period may have, those that are shared apart */
  constructor(mostPerPeriod: number = limits.talliesPerPeriod) {
    this.#mostPerPeriod = mostPerPeriod;
  }

  /** Ends the periods that are over: what was tallied in them is of no use any more. */
  open(time: number): void {
    if (time >= this.#endsAt) this.#end(time);
  }

  /** Forgets everything, for good: nobody earns anything by the campaign any more. */
  clear(): void {
    this.#end(Number.POSITIVE_INFINITY);
  }

  find(period: CapPeriod, rule: string, partnerId: string): FoundTally {
    const pages = this.#generations.get(period)?.pages;
    const own = pages?.get(rule, partnerId);
    const isShared = own === undefined && pages !== undefined && pages.size >= this.#mostPerPeriod;
    const key = { period, rule, partnerId: isShared ? OTHERS : partnerId };
    const tally = isShared ? pages.get(rule, OTHERS) : own;
    return { key, tally: tally ?? NO_TALLY, isShared };
  }

  /**
   * Remembers what an event has changed.
   *
   * @param time record time, milliseconds since the epoch
   * @param zone of the campaign's days and months
   */
  put({ key, tally }: TallyChange, time: number, zone: string): void {
    const { period, rule, partnerId } = key;
    let generation = this.#generations.get(period);
    if (!generation) {
      generation = this.#generation(++this.#last, period, endOfPeriod(period, time, zone));
      this.#noteEnd();
    }
    generation.pages.set(rule, partnerId, tally);
  }

  /**
   * The pages that changed since the last call. To be followed by `toJson`.
   *
   * @param applied last sequence of the block
   */
  takeChanges(applied: number): ActorDocument[] {
    return [...this.#inOrder()].flatMap(([, { pages }]) => pages.takeChanges(applied));
  }

  /** What was dropped since the last call. */
  takeDropped(): DroppedSet[] {
    const dropped = this.#dropped;
    this.#dropped = [];
    return dropped;
  }

  toJson(): TalliesJson {
    const periods = [...this.#inOrder()].map(
      ([period, { number, endsAt, pages }]) => [period, number, endsAt, pages.size] as const,
    );
    return { last: this.#last, periods };
  }

  /**
   * The tallies that `toJson` described, from their pages.
   *
   * @param applied last sequence that is in the state
   */
  async load({ last, periods }: TalliesJson, applied: number, read: DocumentReader): Promise<void> {
    for (const [period, number, endsAt, size] of periods) {
      const pages = await TallyPages.load(nameOf(number), size, applied, read);
      this.#generations.set(period, { number, endsAt, pages });
    }
    this.#last = last;
    this.#noteEnd();
  }

  #end(time: number): void {
    for (const [period, { endsAt, pages }] of [...this.#inOrder()]) {
      if (time < endsAt) continue;
      this.#dropped.push(pages.dropped());
      this.#generations.delete(period);
    }
    this.#noteEnd();
  }

  #generation(number: number, period: CapPeriod, endsAt: number): Generation {
    const generation = { number, endsAt, pages: new TallyPages(nameOf(number)) };
    this.#generations.set(period, generation);
    return generation;
  }

  /** By kind of period, so that a restored campaign writes the same bytes. */
  *#inOrder(): Generator<[CapPeriod, Generation]> {
    for (const period of CAP_PERIODS) {
      const generation = this.#generations.get(period);
      if (generation) yield [period, generation];
    }
  }

  #noteEnd(): void {
    this.#endsAt = Math.min(
      Number.POSITIVE_INFINITY,
      ...[...this.#generations.values()].map(({ endsAt }) => endsAt),
    );
  }
}

function nameOf(generation: number): string {
  return `tallies-${generation}`;
}
