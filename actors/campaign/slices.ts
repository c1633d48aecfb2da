/**
 * The open aggregates of a campaign: totals per partner and hour of event time, within the present minute
 * of record time. They are absolute values: each block writes those it changed again, with its own
 * sequence as version, and the minute's last version is what remains.
 */
import { limits } from '../../limits.ts';
import { type TotalsJson, totalsToJson } from '../../model/campaign.ts';
import type { TableRows } from '../../model/columns/table-rows.ts';
import { OpenTotals } from './open-totals.ts';

const HOUR_MS = 3_600_000;
/** Partner under which slices beyond `limits.slicesPerMinute` are summed. */
const OTHERS = '(others)';

interface Slice {
  readonly partnerId: string;
  readonly hour: number;
  readonly totals: OpenTotals;
  changed: boolean;
}

export type SliceJson = readonly [partnerId: string, hour: number, totals: TotalsJson];

export class Slices {
  /** The record minute, in minutes since the epoch, and when it begins and ends. */
  #minute = 0;
  #beginsAt = 0;
  #endsAt = 60_000;
  /** In the order in which they were begun. */
  #slices: Slice[] = [];
  /** The same by hour and partner. */
  readonly #hours = new Map<number, Map<string, Slice>>();
  /** Those of the hour that was asked for last: most events are of one hour. */
  #partners: Map<string, Slice> | undefined;
  #hourBeginsAt = 0;

  /** Whether a block has something to write. */
  get isEmpty(): boolean {
    return this.#slices.length === 0;
  }

  /**
   * The totals to count into.
   *
   * @param partnerId best one that is the same object whenever it is the same partner, as `EventBatch.name` gives it
   */
  at(recordTime: number, partnerId: string, occurredAt: number): OpenTotals {
    if (recordTime < this.#beginsAt || recordTime >= this.#endsAt) this.#begin(minuteOf(recordTime));
    let partners = this.#partners;
    if (!partners || occurredAt < this.#hourBeginsAt || occurredAt >= this.#hourBeginsAt + HOUR_MS)
      partners = this.#openHour(Math.floor(occurredAt / HOUR_MS));
    const slice = partners.get(partnerId) ?? this.#slice(partnerId, Math.floor(occurredAt / HOUR_MS));
    slice.changed = true;
    return slice.totals;
  }

  #begin(minute: number): void {
    this.#slices = [];
    this.#hours.clear();
    this.#partners = undefined;
    this.#minute = minute;
    this.#beginsAt = minute * 60_000;
    this.#endsAt = this.#beginsAt + 60_000;
  }

  #openHour(hour: number): Map<string, Slice> {
    this.#partners = this.#partnersOf(hour);
    this.#hourBeginsAt = hour * HOUR_MS;
    return this.#partners;
  }

  #partnersOf(hour: number): Map<string, Slice> {
    const known = this.#hours.get(hour);
    if (known) return known;
    const partners = new Map<string, Slice>();
    this.#hours.set(hour, partners);
    return partners;
  }

  #slice(partnerId: string, hour: number): Slice {
    const known = this.#partnersOf(hour).get(partnerId);
    if (known) return known;
    if (this.#slices.length >= limits.slicesPerMinute && partnerId !== OTHERS)
      return this.#slice(OTHERS, Math.floor(this.#beginsAt / HOUR_MS));
    return this.#add({ partnerId, hour, totals: new OpenTotals(), changed: false });
  }

  #add(slice: Slice): Slice {
    this.#slices.push(slice);
    this.#partnersOf(slice.hour).set(slice.partnerId, slice);
    return slice;
  }

  /**
   * Adds the slices changed since the last call to rows of the `aggregates` table.
   *
   * @param version sequence of the block's last record
   */
  write(rows: TableRows, campaignId: string, version: number): void {
    for (const slice of this.#slices) {
      if (!slice.changed) continue;
      slice.changed = false;
      const { totals } = slice;
      rows.add(
        campaignId,
        slice.partnerId,
        this.#minute * 60_000,
        slice.hour * HOUR_MS,
        totals.received,
        totals.accepted,
        totals.duplicates,
        totals.rejected,
        totals.pending,
        totals.impressions,
        totals.clicks,
        totals.uniqueClicks,
        totals.conversions,
        totals.revenueMicros,
        totals.spendMicros,
        totals.commissionMicros,
        version,
      );
    }
  }

  toJson(): { minute: number; slices: SliceJson[] } {
    return {
      minute: this.#minute,
      slices: this.#slices.map((slice) => [slice.partnerId, slice.hour, totalsToJson(slice.totals)]),
    };
  }

  /** Fills new slices with what `toJson` gave. */
  load(json: { minute: number; slices: readonly SliceJson[] }): void {
    this.#begin(json.minute);
    for (const [partnerId, hour, totals] of json.slices)
      this.#add({ partnerId, hour, totals: OpenTotals.fromJson(totals), changed: false });
  }
}

/** Minutes since the epoch. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}
