/**
 * Sums over what a partition has decided, and over what accounts have posted of it, as far as the accounts' partitions
 * have been told. How far that is differs from partition to partition: so the warehouse sums between one such end and
 * the next, and those of an account's partner count up to its own partition's end.
 */
import { partitionOf } from '../../../model/fingerprint.ts';
import type { Sources } from '../sources.ts';
import type { Standing } from './standing.ts';

/** What was summed: its keys, the stretch that it lies in, and the sum in micros. */
interface ToldRow {
  readonly partner_id: string;
  readonly key: string;
  readonly stretch: number;
  readonly micros: string;
}

/** Sums in micros, by partner and key. */
export type ToldSums = Map<string, Map<string, bigint>>;

/** A query of sums: rows of `source`, which has the columns `partner_id`, `key`, `told` and `micros`. */
export function toldQuery(source: string): string {
  return `
  SELECT partner_id, key, toUInt32(arrayCount(end -> end < told, {ends:Array(UInt64)})) AS stretch,
    toString(sum(toInt128(micros))) AS micros
  FROM (${source})
  GROUP BY partner_id, key, stretch`;
}

export class Told {
  readonly #sources: Pick<Sources, 'warehouse' | 'partitions'>;
  readonly #from: number;
  /** By partition, up to where it has been told. */
  readonly #heard: readonly number[];
  /** These, each once, in order. */
  readonly #ends: readonly number[];

  /** What `from` has told the others. */
  constructor(
    sources: Pick<Sources, 'warehouse' | 'partitions'>,
    from: number,
    standings: readonly Standing[],
  ) {
    this.#sources = sources;
    this.#from = from;
    this.#heard = standings.map(({ heardUpTo }) => heardUpTo.get(from) ?? 0);
    this.#ends = [...new Set(this.#heard)].sort((one, other) => one - other);
  }

  /**
   * Runs a query of `toldQuery` about the partition that tells, `{from:UInt16}`.
   *
   * @param until parameter `{until:UInt64}` of the query: nothing behind it counts for anybody
   */
  async sums(query: string): Promise<ToldSums> {
    const until = this.#ends.at(-1) ?? 0;
    const rows = await this.#sources.warehouse.query<ToldRow>(query, {
      from: this.#from,
      ends: this.#ends,
      until,
    });
    const sums: ToldSums = new Map();
    for (const { partner_id: partner, key, stretch, micros } of rows) {
      if (!this.#isTold(partner, stretch)) continue;
      const byKey = sums.get(partner) ?? new Map<string, bigint>();
      sums.set(partner, byKey.set(key, (byKey.get(key) ?? 0n) + BigInt(micros)));
    }
    return sums;
  }

  /** Whether the partition of a partner's account has been told of a stretch. */
  #isTold(partner: string, stretch: number): boolean {
    const heard = this.#heard[partitionOf(partner, this.#sources.partitions)] ?? 0;
    return (this.#ends[stretch] ?? Number.POSITIVE_INFINITY) <= heard;
  }
}
