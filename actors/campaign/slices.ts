/**
 * The open aggregates of a campaign: totals per partner and hour of event time, within the present minute
 * of record time. They are absolute values: each block writes those it changed again, with its own
 * sequence as version, and the minute's last version is what remains.
 */
import { limits } from '../../limits.ts';
import {
  emptyTotals,
  type Totals,
  type TotalsJson,
  totalsFromJson,
  totalsToJson,
} from '../../model/campaign.ts';
import type { RowBinaryWriter } from '../../model/row-binary.ts';

const HOUR_MS = 3_600_000;
/** Partner under which slices beyond `limits.slicesPerMinute` are summed. */
const OTHERS = '(others)';

interface Slice {
  readonly partnerId: string;
  readonly hour: number;
  readonly totals: Totals;
  changed: boolean;
}

export type SliceJson = readonly [partnerId: string, hour: number, totals: TotalsJson];

export class Slices {
  #minute = 0;
  readonly #slices = new Map<string, Slice>();
  #last: Slice | undefined;

  /** Whether a block has something to write. */
  get isEmpty(): boolean {
    return this.#slices.size === 0;
  }

  /** The totals to count into. */
  at(recordTime: number, partnerId: string, occurredAt: number): Totals {
    const minute = minuteOf(recordTime);
    if (minute !== this.#minute) {
      this.#slices.clear();
      this.#last = undefined;
      this.#minute = minute;
    }
    const hour = Math.floor(occurredAt / HOUR_MS);
    let slice = this.#last;
    if (slice === undefined || slice.partnerId !== partnerId || slice.hour !== hour) {
      slice = this.#slice(partnerId, hour);
      this.#last = slice;
    }
    slice.changed = true;
    return slice.totals;
  }

  #slice(partnerId: string, hour: number): Slice {
    const key = `${hour} ${partnerId}`;
    const known = this.#slices.get(key);
    if (known) return known;
    if (this.#slices.size >= limits.slicesPerMinute && partnerId !== OTHERS)
      return this.#slice(OTHERS, Math.floor((this.#minute * 60_000) / HOUR_MS));
    const slice = { partnerId, hour, totals: emptyTotals(), changed: false };
    this.#slices.set(key, slice);
    return slice;
  }

  /**
   * Writes the slices changed since the last call, in the column order of the `aggregates` table.
   *
   * @param version sequence of the block's last record
   * @returns how many rows
   */
  write(writer: RowBinaryWriter, campaignId: string, version: number): number {
    let rows = 0;
    for (const slice of this.#slices.values()) {
      if (!slice.changed) continue;
      slice.changed = false;
      rows++;
      const { totals } = slice;
      writer.string(campaignId);
      writer.string(slice.partnerId);
      writer.dateTime(this.#minute * 60_000);
      writer.dateTime(slice.hour * HOUR_MS);
      writer.uint64(totals.received);
      writer.uint64(totals.accepted);
      writer.uint64(totals.duplicates);
      writer.uint64(totals.rejected);
      writer.uint64(totals.pending);
      writer.uint64(totals.impressions);
      writer.uint64(totals.clicks);
      writer.uint64(totals.uniqueClicks);
      writer.uint64(totals.conversions);
      writer.int64(totals.revenueMicros);
      writer.int64(totals.spendMicros);
      writer.int64(totals.commissionMicros);
      writer.uint64(version);
    }
    return rows;
  }

  toJson(): { minute: number; slices: SliceJson[] } {
    return {
      minute: this.#minute,
      slices: [...this.#slices.values()].map((slice) => [
        slice.partnerId,
        slice.hour,
        totalsToJson(slice.totals),
      ]),
    };
  }

  /** Fills new slices with what `toJson` gave. */
  load(json: { minute: number; slices: readonly SliceJson[] }): void {
    this.#minute = json.minute;
    for (const [partnerId, hour, totals] of json.slices)
      this.#slices.set(`${hour} ${partnerId}`, {
        partnerId,
        hour,
        totals: totalsFromJson(totals),
        changed: false,
      });
  }
}

/** Minutes since the epoch. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}
