/**
 * Tallies of one period: what each partner has brought and earned by each rule, in the order in which they first
 * came, in pages of JSON. A page is written again when something in it has changed.
 *
 * A page may be there although the state that goes with it is not: a commit may stop in between. Unlike a page of a
 * set it does not only grow, so it says with which block it was written, and what stood in it before: whoever has an
 * older state takes that.
 */
import { limits } from '../../../limits.ts';
import { type ActorDocument, type DocumentReader, missing } from '../../actor.ts';
import { type DroppedSet, pageName } from '../../memory/paged-set.ts';
import type { Stored } from '../../stored.ts';
import type { Brought } from './tiers.ts';

const PAGE = limits.talliesPerPage;

/** What a partner has brought by a rule in a period, and what it has earned by that. */
export interface Tally extends Brought {
  /** What is due besides what was earned, in millionths of a micro: what is left by rounding down. */
  readonly rest: bigint;
  readonly earnedMicros: bigint;
}

/** The numbers of a tally, as text. */
type TallyText = readonly [count: string, revenueMicros: string, rest: string, earnedMicros: string];

type TallyRow = readonly [rule: string, partnerId: string, ...TallyText];

interface TallyPage {
  /** Last sequence of the block that it was written with. */
  readonly applied: number;
  readonly rows: readonly TallyRow[];
  /** Rows as they were before that block, by their place in the page; those that are new are not among them. */
  readonly before: readonly (readonly [place: number, row: TallyRow])[];
}

interface Entry {
  readonly place: number;
  readonly rule: string;
  readonly partnerId: string;
  tally: Tally;
}

export class TallyPages {
  readonly #name: string;
  readonly #entries: Entry[] = [];
  /** By rule, then by partner. */
  readonly #known = new Map<string, Map<string, Entry>>();
  readonly #pages = new Map<number, Stored>();
  /** Of entries that have changed since the last save: how they were then; `undefined` if they are new. */
  readonly #changed = new Map<number, TallyRow | undefined>();
  #saved = 0;

  /** @param name of the pages among the actor's documents */
  constructor(name: string) {
    this.#name = name;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The tally, if there is one. */
  get(rule: string, partnerId: string): Tally | undefined {
    return this.#known.get(rule)?.get(partnerId)?.tally;
  }

  set(rule: string, partnerId: string, tally: Tally): void {
    const known = this.#known.get(rule)?.get(partnerId);
    if (!known) {
      this.#changed.set(this.#entries.length, undefined);
      this.#add(rule, partnerId, tally);
      return;
    }
    if (!this.#changed.has(known.place)) this.#changed.set(known.place, rowOf(known));
    known.tally = tally;
  }

  /**
   * The pages that changed since the last call.
   *
   * @param applied last sequence of the block
   */
  takeChanges(applied: number): ActorDocument[] {
    const pages = new Map<number, [place: number, row: TallyRow][]>();
    for (const [place, row] of [...this.#changed].sort(([a], [b]) => a - b)) {
      const index = Math.floor(place / PAGE);
      const before = pages.get(index) ?? [];
      if (row) before.push([place % PAGE, row]);
      pages.set(index, before);
    }
    this.#changed.clear();
    this.#saved = this.size;
    return [...pages].map(([index, before]) => this.#document(index, { applied, before }));
  }

  #document(index: number, { applied, before }: Pick<TallyPage, 'applied' | 'before'>): ActorDocument {
    const rows = this.#entries.slice(index * PAGE, (index + 1) * PAGE).map(rowOf);
    const page: TallyPage = { applied, rows, before };
    const stored = this.#pages.get(index) ?? { revision: undefined };
    this.#pages.set(index, stored);
    return {
      name: pageName(this.#name, index),
      value: Buffer.from(JSON.stringify(page)),
      stored,
      isOlderThan: (found) => pageOf(found).applied > applied,
    };
  }

  /** What there is to be deleted once nothing refers to the tallies any more. */
  dropped(): DroppedSet {
    return { name: this.#name, pages: Math.ceil(this.#saved / PAGE) };
  }

  /**
   * Restores tallies as they were with a state.
   *
   * @param size how many there were
   * @param applied last sequence that is in the state
   * @throws Error if a page is missing or too short: another owner has gone on meanwhile
   */
  static async load(name: string, size: number, applied: number, read: DocumentReader): Promise<TallyPages> {
    const tallies = new TallyPages(name);
    for (let index = 0; index * PAGE < size; index++) {
      const document = pageName(name, index);
      const { value, revision } = (await read(document)) ?? missing(document);
      const page = pageOf(value);
      const rows = [...page.rows];
      if (page.applied > applied) for (const [place, row] of page.before) rows[place] = row;
      for (const [rule, partnerId, ...tally] of rows.slice(0, size - index * PAGE))
        tallies.#add(rule, partnerId, tallyOf(tally));
      tallies.#pages.set(index, { revision });
    }
    if (tallies.size !== size)
      throw new Error(`of ${size} tallies only ${tallies.size} are in the pages of ${name}`);
    tallies.#saved = size;
    return tallies;
  }

  #add(rule: string, partnerId: string, tally: Tally): void {
    const entry = { place: this.#entries.length, rule, partnerId, tally };
    this.#entries.push(entry);
    const ofRule = this.#known.get(rule) ?? new Map<string, Entry>();
    this.#known.set(rule, ofRule.set(partnerId, entry));
  }
}

function pageOf(page: Uint8Array): TallyPage {
  return JSON.parse(Buffer.from(page).toString());
}

function rowOf({ rule, partnerId, tally }: Entry): TallyRow {
  const { count, revenueMicros, rest, earnedMicros } = tally;
  return [rule, partnerId, `${count}`, `${revenueMicros}`, `${rest}`, `${earnedMicros}`];
}

function tallyOf([count, revenueMicros, rest, earnedMicros]: TallyText): Tally {
  return {
    count: BigInt(count),
    revenueMicros: BigInt(revenueMicros),
    rest: BigInt(rest),
    earnedMicros: BigInt(earnedMicros),
  };
}
