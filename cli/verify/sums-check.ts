/**
 * Holds the aggregates of the minutes that a trimmed log has whole against the sums over their decided events,
 * the counters of what the filter stopped, the spend that was reported, and what was refunded.
 */
import { outcomeOf, REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import type { EventBatch, Stopped } from '../../model/event-batch.ts';
import { AGGREGATES } from '../../storage/warehouse/schema.ts';
import {
  aggregateDifference,
  campaignOf,
  hasSameValues,
  keyOf,
  minuteOf,
  partnerOf,
  readAggregates,
  sumOf,
  withoutPartner,
  withVersionOf,
} from './aggregate-rows.ts';
import { readRefunds } from './refunds.ts';
import type { LevelOptions } from './replay-level.ts';
import { readReportedSpend } from './reported-spend.ts';
import type { Row } from './row-reader.ts';

const MINUTE = 60;
const HOUR = 3_600;
/** Minutes compared at a time. */
const STRETCH = HOUR;
/** Where a campaign has too many partners in a minute, the further ones are summed under this name. */
const OTHERS = '(others)';

const ACCEPTED = 'reason < 200';
const counted = (condition: string): string => `countIf(${condition})`;
/** How each value of an aggregate follows from the decided events. */
const SUMS: Readonly<Record<string, string>> = {
  received: 'count()',
  accepted: counted(ACCEPTED),
  duplicates: counted('reason >= 200 AND reason < 300'),
  rejected: counted('reason >= 300 AND reason < 400'),
  pending: counted('reason >= 400'),
  impressions: counted(`${ACCEPTED} AND type = ${EventType.impression}`),
  clicks: counted(`${ACCEPTED} AND type = ${EventType.click}`),
  unique_clicks: counted(`${ACCEPTED} AND type = ${EventType.click} AND is_unique = 1`),
  conversions: counted(`${ACCEPTED} AND type = ${EventType.conversion}`),
  revenue_micros: `sumIf(toInt128(value_micros), ${ACCEPTED} AND type = ${EventType.conversion})`,
  spend_micros: 'sum(toInt128(spend_micros))',
  commission_micros: 'sum(toInt128(commission_micros))',
  version: '0',
};

const SUMS_QUERY = `
  SELECT campaign_id AS k0, partner_id AS k1,
    intDiv(toUnixTimestamp(record_time), ${MINUTE}) * ${MINUTE} AS k2,
    intDiv(toUnixTimestamp(occurred_at), ${HOUR}) * ${HOUR} AS k3,
    ${AGGREGATES.slice(4)
      .map(({ name }, index) => `toString(${SUMS[name]}) AS k${index + 4}`)
      .join(', ')}
  FROM decided_events
  WHERE partition = {partition:UInt16} AND reason != ${REASONS.unknown_campaign}
    AND record_time >= toDateTime64({from:UInt32}, 3, 'UTC') AND record_time < toDateTime64({to:UInt32}, 3, 'UTC')
  GROUP BY k0, k1, k2, k3`;

export class SumsCheck {
  readonly #options: LevelOptions;
  /** What the filter stopped, as rows of aggregates, by key. */
  readonly #stopped = new Map<string, Row>();
  /** The first minute that the log has whole and that was not compared yet, in seconds. */
  #from: number | undefined;

  constructor(options: LevelOptions) {
    this.#options = options;
  }

  /** Takes a record's events; records come in order. */
  async add(batch: EventBatch, time: number): Promise<void> {
    const minute = minuteAt(time);
    // The first minute may have begun in what was trimmed.
    this.#from ??= minute + MINUTE;
    if (minute >= this.#from + STRETCH) await this.#compare(minute);
    if (minute < this.#from) return;
    for (const stopped of batch.stopped()) {
      const row = rowOf(stopped, minute);
      const key = keyOf(row);
      const known = this.#stopped.get(key);
      this.#stopped.set(key, known ? sumOf(known, row) : row);
    }
  }

  /** Compares what is left up to the minute of `time`, which need not be over. */
  async finish(time: number): Promise<void> {
    const end = minuteAt(time);
    if (this.#from !== undefined && end > this.#from) await this.#compare(end);
  }

  async #compare(to: number): Promise<void> {
    const from = this.#from as number;
    this.#from = to;
    const { sources, partition, campaigns, findings } = this.#options;
    const expected = new Map<string, Row>();
    const add = (row: Row): void => {
      const known = expected.get(keyOf(row));
      expected.set(keyOf(row), known ? sumOf(known, row) : row);
    };
    const sums = await sources.warehouse.query<Record<string, string | number>>(SUMS_QUERY, {
      partition,
      from,
      to,
    });
    for (const sum of sums) add(AGGREGATES.map((_, index) => String(sum[`k${index}`])));
    for (const row of await readReportedSpend(sources, partition, from, to)) add(row);
    for (const row of await readRefunds(sources, partition, from, to)) add(row);
    for (const [key, row] of this.#stopped) {
      if (minuteOf(row) >= to) continue;
      this.#stopped.delete(key);
      add(row);
    }
    const named = new Set(campaigns);
    for (const row of expected.values()) named.add(campaignOf(row));
    const found = new Map<string, Row>();
    for (const row of await readAggregates(sources, partition, named, from, to)) found.set(keyOf(row), row);
    sumPartners(found, expected);
    for (const [key, row] of found) {
      findings.aggregatesCompared++;
      const sum = expected.get(key);
      expected.delete(key);
      if (sum === undefined) findings.add(aggregateDifference(partition, 'extra', row));
      else if (!hasSameValues(row, sum, false))
        findings.add(aggregateDifference(partition, 'different', row, withVersionOf(row, sum)));
    }
    for (const row of expected.values()) findings.add(aggregateDifference(partition, 'missing', row));
  }
}

/** Seconds. */
function minuteAt(time: number): number {
  return Math.floor(time / 1_000 / MINUTE) * MINUTE;
}

/** The aggregate that stopped repeats alone would make. */
function rowOf({ campaignId, partnerId, reason, count }: Stopped, minute: number): Row {
  const counts: Readonly<Record<string, number>> = {
    received: count,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    pending: 0,
    [COUNT_OF[outcomeOf(reason)]]: count,
  };
  const hour = Math.floor(minute / HOUR) * HOUR;
  return AGGREGATES.map(({ name }, index) => {
    if (index < 4) return [campaignId, partnerId ?? '', String(minute), String(hour)][index] as string;
    return String(counts[name] ?? 0);
  });
}

const COUNT_OF = {
  accepted: 'accepted',
  duplicate: 'duplicates',
  rejected: 'rejected',
  pending: 'pending',
} as const;

/** Where further partners of a minute were summed as one, only the sum of the minute can be compared. */
function sumPartners(...sides: Map<string, Row>[]): void {
  const minuteOfCampaign = (row: Row): string => keyOf(withoutPartner(row));
  const summed = new Set<string>();
  for (const side of sides)
    for (const row of side.values()) if (partnerOf(row) === OTHERS) summed.add(minuteOfCampaign(row));
  if (summed.size === 0) return;
  for (const side of sides)
    for (const [key, row] of [...side]) {
      const minute = minuteOfCampaign(row);
      if (!summed.has(minute)) continue;
      side.delete(key);
      const known = side.get(minute);
      side.set(minute, known ? sumOf(known, row) : withoutPartner(row));
    }
}
