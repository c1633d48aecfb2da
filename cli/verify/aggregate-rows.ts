/** Rows of `aggregates` as a verification sees them: their keys, their values, and the query for them. */
import { partitionOf } from '../../model/fingerprint.ts';
import { AGGREGATES } from '../../storage/warehouse/schema.ts';
import { type Difference, type DifferenceKind, wrongValues } from './findings.ts';
import { columnIndex, queryRows, type Row, selected } from './row-reader.ts';
import type { Sources } from './sources.ts';

const TABLE = 'aggregates';
const CAMPAIGN = columnIndex(TABLE, 'campaign_id');
const PARTNER = columnIndex(TABLE, 'partner_id');
const MINUTE = columnIndex(TABLE, 'record_minute');
const HOUR = columnIndex(TABLE, 'event_hour');
const VERSION = columnIndex(TABLE, 'version');
const FIRST_VALUE = HOUR + 1;
const NO_VERSION: ReadonlySet<number> = new Set([VERSION]);

const HOUR_SECONDS = 3_600;
/** Campaigns named in a query, at most; with more the aggregates of all partitions are read. */
const NAMED_CAMPAIGNS = 2_000;
/** The end of all time in the warehouse, in seconds. */
export const END_OF_TIME = 0xffff_ffff;

export function keyOf(row: Row): string {
  return `${row[CAMPAIGN]}\n${row[PARTNER]}\n${row[MINUTE]}\n${row[HOUR]}`;
}

export function campaignOf(row: Row): string {
  return row[CAMPAIGN] as string;
}

export function partnerOf(row: Row): string {
  return row[PARTNER] as string;
}

/** Seconds since the epoch. */
export function minuteOf(row: Row): number {
  return Number(row[MINUTE]);
}

export function versionOf(row: Row): number {
  return Number(row[VERSION]);
}

/** A row of the same key and version with values that add up. */
export function sumOf(one: Row, other: Row): Row {
  return one.map((text, index) =>
    index < FIRST_VALUE || index === VERSION ? text : String(BigInt(text) + BigInt(other[index] as string)),
  );
}

/**
 * What something that is told of, and is in no decided event, alone would make.
 *
 * @param minute of record time, and `at` of the event, in seconds since the epoch
 * @param amounts in micros, by column
 */
export function rowOfAmounts(
  campaignId: string,
  partnerId: string,
  minute: number,
  at: number,
  amounts: Readonly<Record<string, string>>,
): Row {
  const hour = Math.floor(at / HOUR_SECONDS) * HOUR_SECONDS;
  const key = [campaignId, partnerId, String(minute), String(hour)];
  return AGGREGATES.map(({ name }, index) => key[index] ?? amounts[name] ?? '0');
}

/** The row with the version of another: sums have none of their own. */
export function withVersionOf(other: Row, row: Row): Row {
  return row.with(VERSION, other[VERSION] as string);
}

/** The row without partner and hour: what remains comparable where partners were summed as one. */
export function withoutPartner(row: Row): Row {
  return row.map((text, index) => (index === PARTNER || index === HOUR ? '' : text));
}

/** A difference of an aggregate; `expected` says what a row that is different must be. */
export function aggregateDifference(
  partition: number,
  kind: DifferenceKind,
  row: Row,
  expected?: Row,
): Difference {
  return {
    partition,
    table: TABLE,
    kind,
    campaign_id: campaignOf(row),
    partner_id: partnerOf(row),
    record_minute: instantOf(row[MINUTE] as string),
    ...(row[HOUR] !== '' && { event_hour: instantOf(row[HOUR] as string) }),
    ...(expected && { values: wrongValues(row, expected, AGGREGATES, FIRST_VALUE) }),
  };
}

function instantOf(seconds: string): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}

/** Whether two rows of a key have the same values. */
export function hasSameValues(one: Row, other: Row, withVersion: boolean): boolean {
  return wrongValues(one, other, AGGREGATES, FIRST_VALUE, withVersion ? undefined : NO_VERSION).length === 0;
}

/**
 * The aggregates of a partition's campaigns in the minutes from `from` to `to` (not included), in seconds.
 *
 * @param campaigns all campaigns of the partition that may have some
 */
export async function readAggregates(
  { warehouse, partitions }: Pick<Sources, 'warehouse' | 'partitions'>,
  partition: number,
  campaigns: ReadonlySet<string>,
  from: number,
  to: number,
): Promise<Row[]> {
  const isNamed = campaigns.size <= NAMED_CAMPAIGNS;
  const rows = await queryRows(
    warehouse,
    TABLE,
    `SELECT ${selected(TABLE)} FROM ${TABLE} FINAL
     WHERE record_minute >= toDateTime({from:UInt32}, 'UTC') AND record_minute < toDateTime({to:UInt32}, 'UTC')
       ${isNamed ? 'AND campaign_id IN {campaigns:Array(String)}' : ''}`,
    { from, to, ...(isNamed && { campaigns: [...campaigns] }) },
  );
  return isNamed ? rows : rows.filter((row) => partitionOf(campaignOf(row), partitions) === partition);
}

/** The campaigns that the aggregates know, by partition. */
export async function campaignsByPartition({
  warehouse,
  partitions,
}: Pick<Sources, 'warehouse' | 'partitions'>): Promise<Set<string>[]> {
  const campaigns = Array.from({ length: partitions }, () => new Set<string>());
  const rows = await warehouse.query<{ readonly campaign_id: string }>(
    `SELECT DISTINCT campaign_id FROM ${TABLE}`,
  );
  for (const { campaign_id: id } of rows) campaigns[partitionOf(id, partitions)]?.add(id);
  return campaigns;
}
