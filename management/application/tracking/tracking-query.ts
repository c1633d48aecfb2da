/** The queries of the warehouse about single events. */

import { OUTCOMES, type Outcome } from '../../../model/decision.ts';
import { EventType, type EventTypeName, STRING_FIELDS } from '../../../model/event.ts';
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import { type EvidenceFlag, FLAG_BITS } from './evidence-flags.ts';

type StringColumn = (typeof STRING_FIELDS)[number]['column'];

/** 64-bit integers arrive as decimal strings; an absent string is empty. */
export interface EventRow extends Readonly<Record<StringColumn, string>> {
  readonly partition: number;
  readonly sequence: string;
  readonly row: number;
  /** Milliseconds since the epoch. */
  readonly recorded_ms: string;
  readonly occurred_ms: string;
  readonly type: number;
  readonly reason: number;
  readonly flags: number;
  readonly is_unique: number;
  readonly value_micros: string;
  readonly spend_micros: string;
  readonly commission_micros: string;
}

/** What a list of events is restricted to. Times are record times in milliseconds, `to` not included. */
export interface EventsFilter {
  readonly type?: EventTypeName;
  readonly status?: Outcome;
  /** Number of a reason. */
  readonly reason?: number;
  readonly partnerId?: string;
  readonly flag?: EvidenceFlag;
  readonly from?: number;
  readonly to?: number;
}

/** A place in the order of a campaign's events. */
export interface EventPlace {
  readonly recordedAt: number;
  readonly partition: number;
  readonly sequence: number;
  readonly row: number;
}

export interface WarehouseQuery {
  readonly text: string;
  readonly parameters: Readonly<Record<string, QueryParameter>>;
}

const COLUMNS = [
  ...['partition', 'sequence', 'row', 'type', 'reason', 'flags', 'is_unique'],
  ...['value_micros', 'spend_micros', 'commission_micros'],
  ...STRING_FIELDS.map(({ column }) => column),
]
  .map((column) => `\`${column}\``)
  .join(', ');

const SELECT = `
  SELECT
    toUnixTimestamp64Milli(record_time) AS recorded_ms,
    toUnixTimestamp64Milli(occurred_at) AS occurred_ms,
    ${COLUMNS}
  FROM decided_events`;

const time = (parameter: string): string => `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`;

/** The newest events of a campaign, those after `after` if it is given: in the order of the table, backwards. */
export function eventsQuery(
  campaignId: string,
  filter: EventsFilter,
  after: EventPlace | undefined,
  count: number,
): WarehouseQuery {
  const conditions = ['campaign_id = {campaign:String}'];
  const parameters: Record<string, QueryParameter> = { campaign: campaignId, count };
  const add = (condition: string, values: Readonly<Record<string, QueryParameter>>): void => {
    conditions.push(condition);
    Object.assign(parameters, values);
  };
  if (after) {
    // The first half says nothing new, but the engine finds by it where to begin.
    add(
      `record_time <= ${time('after')} AND (record_time, partition, sequence, \`row\`) < ` +
        `(${time('after')}, {partition:UInt64}, {sequence:UInt64}, {row:UInt64})`,
      { after: after.recordedAt, partition: after.partition, sequence: after.sequence, row: after.row },
    );
  }
  const { type, status, reason, partnerId, flag, from, to } = filter;
  if (type !== undefined) add('type = {type:UInt8}', { type: EventType[type] });
  if (status !== undefined) {
    add('intDiv(reason, 100) = {hundreds:UInt8}', { hundreds: OUTCOMES.indexOf(status) + 1 });
  }
  if (reason !== undefined) add('reason = {reason:UInt16}', { reason });
  if (partnerId !== undefined) add('partner_id = {partner:String}', { partner: partnerId });
  if (flag !== undefined) add('bitAnd(flags, {flag:UInt8}) != 0', { flag: FLAG_BITS[flag] });
  if (from !== undefined) add(`record_time >= ${time('from')}`, { from });
  if (to !== undefined) add(`record_time < ${time('to')}`, { to });
  const text = `${SELECT}
  WHERE ${conditions.join('\n    AND ')}
  ORDER BY record_time DESC, partition DESC, sequence DESC, \`row\` DESC
  LIMIT {count:UInt32}`;
  return { text, parameters };
}

/** All that was decided on an event of a campaign, in the order in which it was. */
export function eventQuery(campaignId: string, eventId: string, count: number): WarehouseQuery {
  const text = `${SELECT}
  WHERE campaign_id = {campaign:String} AND event_id = {event:String}
  ORDER BY record_time, partition, sequence, \`row\`
  LIMIT {count:UInt32}`;
  return { text, parameters: { campaign: campaignId, event: eventId, count } };
}

/** What was decided first on an event of this type and id, whichever campaign it is of. */
export function findQuery(eventId: string, type: EventTypeName): WarehouseQuery {
  const text = `${SELECT}
  WHERE event_id = {event:String} AND type = {type:UInt8}
  ORDER BY record_time, partition, sequence, \`row\`
  LIMIT 1`;
  return { text, parameters: { event: eventId, type: EventType[type] } };
}
