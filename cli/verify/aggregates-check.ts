/**
 * Holds the aggregates against those that a replay writes: absolute values, the last version of each key.
 *
 * The minutes of a partition come in order, and those that are over never change, so what was expected of
 * them is forgotten as soon as it was compared.
 */
import {
  aggregateDifference,
  campaignOf,
  END_OF_TIME,
  hasSameValues,
  keyOf,
  minuteOf,
  readAggregates,
  versionOf,
} from './aggregate-rows.ts';
import type { Extent } from './extent.ts';
import type { Findings } from './findings.ts';
import type { Row } from './row-reader.ts';
import type { Sources } from './sources.ts';

/** Keys that are expected before they are compared, about. */
const KEYS_EXPECTED = 10_000;

/** The states of one key. */
interface Expected {
  /** As it must be in the warehouse. */
  settled: Row | undefined;
  /** As it may be there by now: states that blocks behind the settled ones give it. */
  readonly later: Row[];
}

export interface AggregatesOptions {
  readonly sources: Pick<Sources, 'warehouse' | 'partitions' | 'isLive'>;
  readonly partition: number;
  readonly extent: Extent;
  /** Campaigns of the partition that the warehouse knows. */
  readonly campaigns: ReadonlySet<string>;
  readonly findings: Findings;
}

export class AggregatesCheck {
  readonly #options: AggregatesOptions;
  readonly #expected = new Map<string, Expected>();
  /** Minutes before this were compared, in seconds. */
  #from = 0;

  constructor(options: AggregatesOptions) {
    this.#options = options;
  }

  /** Takes the aggregates that a block writes; blocks come in order. */
  async add(rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const minute = minuteOf(first);
    if (minute > this.#from && this.#expected.size >= KEYS_EXPECTED) await this.#compare(minute);
    for (const row of rows) this.#expect(row);
  }

  /** Compares what is left, and whatever else there is. */
  finish(): Promise<void> {
    return this.#compare(END_OF_TIME);
  }

  #expect(row: Row): void {
    const key = keyOf(row);
    const known = this.#expected.get(key) ?? { settled: undefined, later: [] };
    if (versionOf(row) <= this.#options.extent.settled) known.settled = row;
    else known.later.push(row);
    this.#expected.set(key, known);
  }

  async #compare(to: number): Promise<void> {
    const { sources, partition, campaigns, findings } = this.#options;
    const named = new Set(campaigns);
    for (const { settled, later } of this.#expected.values())
      named.add(campaignOf((settled ?? later[0]) as Row));
    const rows = await readAggregates(sources, partition, named, this.#from, to);
    this.#from = to;
    for (const row of rows) {
      const key = keyOf(row);
      this.#judge(row, this.#expected.get(key));
      this.#expected.delete(key);
    }
    for (const [key, { settled, later }] of this.#expected) {
      // The present minute goes on.
      if (minuteOf((settled ?? later[0]) as Row) >= to) continue;
      this.#expected.delete(key);
      if (settled) findings.add(aggregateDifference(partition, 'missing', settled));
    }
  }

  #judge(row: Row, expected: Expected | undefined): void {
    const { sources, partition, extent, findings } = this.#options;
    // Written since the verification began; or by a block that ends with the last record that was read, of which
    // nobody could tell then that it does.
    const version = versionOf(row);
    if (sources.isLive && version > extent.settled && version >= extent.last) return;
    findings.aggregatesCompared++;
    if (expected === undefined) {
      findings.add(aggregateDifference(partition, 'extra', row));
      return;
    }
    const states = [expected.settled, ...expected.later].filter((state) => state !== undefined);
    if (states.some((state) => hasSameValues(row, state, true))) return;
    const nearest = states.find((state) => versionOf(state) === versionOf(row)) ?? states[0];
    findings.add(aggregateDifference(partition, 'different', row, nearest));
  }
}
