/**
 * The tables of the warehouse, in one place: the migrations and what writes rows both follow it.
 *
 * `decided_events` holds one row per event that reached an actor, with its decision. `aggregates` holds
 * absolute values per campaign, partner, minute of record time and hour of event time: a row with a
 * higher `version` (log sequence) replaces the lower ones, so read it with `FINAL`. `domain_events` holds
 * what happened to campaigns, each event once, as it is published. `credits` holds one row per touch that an
 * accepted conversion is credited to: those of a conversion have its place, and shares that sum to a million.
 * `ledger_entries` holds the books of the partners' accounts: each posting has two legs, whose amounts sum to 0.
 */
import type { Column, ColumnType } from '../../model/columns/column.ts';
import { STRING_FIELDS } from '../../model/event.ts';
import type { Table } from './port.ts';

export type { Column, ColumnType } from '../../model/columns/column.ts';

const column = (name: string, type: ColumnType): Column => ({ name, type });
const STRING = 'String';
const SYMBOL = 'LowCardinality(String)';

/** Strings of which there are few: stored once, as symbols. */
const SYMBOLS: ReadonlySet<string> = new Set([
  'campaign_id',
  'partner_id',
  'content_id',
  'goal',
  'currency',
  'source_id',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
]);

export const DECIDED_EVENTS: readonly Column[] = [
  column('partition', 'UInt16'),
  column('sequence', 'UInt64'),
  column('row', 'UInt32'),
  column('record_time', 'DateTime64(3)'),
  column('occurred_at', 'DateTime64(3)'),
  column('type', 'UInt8'),
  column('reason', 'UInt16'),
  column('flags', 'UInt8'),
  column('is_unique', 'UInt8'),
  column('value_micros', 'Int64'),
  column('spend_micros', 'Int64'),
  column('commission_micros', 'Int64'),
  // The event's strings stand in the order of the log's record, and come last.
  ...STRING_FIELDS.map((field) => column(field.column, SYMBOLS.has(field.column) ? SYMBOL : STRING)),
];

export const CREDITS: readonly Column[] = [
  column('campaign_id', SYMBOL),
  column('partition', 'UInt16'),
  column('sequence', 'UInt64'),
  column('row', 'UInt32'),
  // Which of the conversion's touches, the earliest first.
  column('touch', 'UInt8'),
  column('record_time', 'DateTime64(3)'),
  column('occurred_at', 'DateTime64(3)'),
  column('partner_id', SYMBOL),
  column('content_id', SYMBOL),
  column('kind', SYMBOL),
  column('touched_at', 'DateTime64(3)'),
  column('click_nonce', 'UInt64'),
  column('model', SYMBOL),
  column('share_ppm', 'UInt32'),
  column('revenue_micros', 'Int64'),
  column('commission_micros', 'Int64'),
  // When the commission's hold ends; the beginning of time where there is none.
  column('release_at', 'DateTime64(3)'),
];

export const AGGREGATES: readonly Column[] = [
  column('campaign_id', SYMBOL),
  column('partner_id', SYMBOL),
  column('record_minute', 'DateTime'),
  column('event_hour', 'DateTime'),
  column('received', 'UInt64'),
  column('accepted', 'UInt64'),
  column('duplicates', 'UInt64'),
  column('rejected', 'UInt64'),
  column('pending', 'UInt64'),
  column('impressions', 'UInt64'),
  column('clicks', 'UInt64'),
  column('unique_clicks', 'UInt64'),
  column('conversions', 'UInt64'),
  column('revenue_micros', 'Int64'),
  column('spend_micros', 'Int64'),
  column('commission_micros', 'Int64'),
  column('version', 'UInt64'),
];

export const LEDGER_ENTRIES: readonly Column[] = [
  column('partner_id', STRING),
  column('currency', SYMBOL),
  column('partition', 'UInt16'),
  column('sequence', 'UInt64'),
  // Which of the postings of the account in the record, and which of its two legs.
  column('posting', 'UInt32'),
  column('leg', 'UInt8'),
  column('record_time', 'DateTime64(3)'),
  column('account', SYMBOL),
  column('amount_micros', 'Int64'),
  column('cause', SYMBOL),
  // What it is about; empty, or the beginning of time, where it is about nothing of the kind.
  column('campaign_id', SYMBOL),
  column('release_at', 'DateTime64(3)'),
  column('payout_id', STRING),
  column('decision_id', STRING),
  // The block of another partition whose message gave rise to it; sequence 0: none did.
  column('source_partition', 'UInt16'),
  column('source_sequence', 'UInt64'),
];

export const DOMAIN_EVENTS: readonly Column[] = [
  // Whom it happened to: the campaign; the partner, or its account; or the payout and its partner. Others are empty.
  column('campaign_id', SYMBOL),
  column('partner_id', SYMBOL),
  column('payout_id', STRING),
  column('partition', 'UInt16'),
  column('sequence', 'UInt64'),
  column('id', 'String'),
  column('type', 'LowCardinality(String)'),
  column('record_time', 'DateTime64(3)'),
  column('data', 'String'),
];

export const COLUMNS: Readonly<Record<Table, readonly Column[]>> = {
  decided_events: DECIDED_EVENTS,
  credits: CREDITS,
  aggregates: AGGREGATES,
  ledger_entries: LEDGER_ENTRIES,
  domain_events: DOMAIN_EVENTS,
};
