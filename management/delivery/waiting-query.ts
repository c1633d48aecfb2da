/** The query of the warehouse for domain events that webhooks have not been told of. */
import { cloudEventOf, type DomainEventData, type DomainEventType } from '../../model/domain-event.ts';
import type { QueryParameter, Warehouse } from '../../storage/warehouse/port.ts';
import { comparePlaces, type Place } from './webhook.ts';

export interface WaitingRow {
  readonly partition: number;
  /** 64-bit integers arrive as decimal strings. */
  readonly sequence: string;
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** Record time, milliseconds since the epoch. */
  readonly recorded_ms: string;
  /** JSON. */
  readonly data: string;
}

/**
 * Events behind the places of their partitions: of each partition the first ones, in order, without gaps.
 *
 * Parameters: `sequences` and `indexes`, the places by partition; `least`, the least of the sequences; `count`. An
 * event's id ends with its index.
 */
export const WAITING_QUERY = `
  SELECT
    partition,
    sequence,
    toUInt32(splitByChar('-', id)[-1]) AS index,
    id,
    type,
    coalesce(nullIf(payout_id, ''), nullIf(partner_id, ''), campaign_id) AS subject,
    toUnixTimestamp64Milli(record_time) AS recorded_ms,
    data
  FROM domain_events
  WHERE sequence >= {least:UInt64}
    AND partition < length({sequences:Array(UInt64)})
    AND (
      sequence > {sequences:Array(UInt64)}[partition + 1]
      OR (sequence = {sequences:Array(UInt64)}[partition + 1] AND index > {indexes:Array(UInt64)}[partition + 1])
    )
  ORDER BY sequence, partition, index
  LIMIT {count:UInt32}`;

/** Behind everything: for partitions that are not asked for. */
const NOTHING = Number.MAX_SAFE_INTEGER;

/** @param after by partition, the places that are asked behind */
export function waitingParameters(
  after: ReadonlyMap<number, Place>,
  count: number,
): Record<string, QueryParameter> {
  const partitions = Math.max(...after.keys()) + 1;
  const all = Array.from({ length: partitions }, (_, partition) => after.get(partition));
  return {
    least: Math.min(...[...after.values()].map(([sequence]) => sequence)),
    sequences: all.map((place) => place?.[0] ?? NOTHING),
    indexes: all.map((place) => place?.[1] ?? 0),
    count,
  };
}

/** An event as it waits. */
export interface Waiting {
  readonly partition: number;
  readonly place: Place;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  /** The event as it is published, as JSON. */
  readonly body: string;
}

/** @throws TurnpikeError `unavailable`, `deadline_exceeded` */
export async function readWaiting(
  warehouse: Pick<Warehouse, 'query'>,
  after: ReadonlyMap<number, Place>,
  count: number,
): Promise<Waiting[]> {
  const rows = await warehouse.query<WaitingRow>(WAITING_QUERY, waitingParameters(after, count));
  return rows.map(waitingOf);
}

function waitingOf({
  partition,
  sequence,
  index,
  id,
  type,
  subject,
  recorded_ms,
  data,
}: WaitingRow): Waiting {
  const time = Number(recorded_ms);
  // A later version may have stored a type that this one does not know: it is told as it is.
  const event = cloudEventOf({
    id,
    type: type as DomainEventType,
    actorId: subject,
    time,
    data: JSON.parse(data) as DomainEventData,
  });
  return {
    partition,
    place: [Number(sequence), index],
    id,
    type,
    subject,
    time,
    body: JSON.stringify(event),
  };
}

/** What some want to read, in one go. */
export interface Reading<Reader> {
  readonly readers: Reader[];
  /** By partition, the places that are read behind. */
  readonly after: Map<number, Place>;
}

/**
 * Puts those together who want to read from the same places on: mostly all. Who lags behind reads alone, and drags
 * nobody back.
 */
export function readingsOf<Reader>(
  wishes: Iterable<readonly [Reader, ReadonlyMap<number, Place>]>,
): Reading<Reader>[] {
  const readings: Reading<Reader>[] = [];
  for (const [reader, after] of wishes) {
    if (after.size === 0) continue;
    const fitting = readings.find((reading) =>
      [...after].every(([partition, place]) => {
        const other = reading.after.get(partition);
        return other === undefined || comparePlaces(other, place) === 0;
      }),
    );
    const reading = fitting ?? { readers: [], after: new Map<number, Place>() };
    if (fitting === undefined) readings.push(reading);
    reading.readers.push(reader);
    for (const [partition, place] of after) reading.after.set(partition, place);
  }
  return readings;
}
