/** Rows of single events as the warehouse gives them to management. */
import type { CreditRow } from '../../management/application/tracking/credits-query.ts';
import type { EventRow } from '../../management/application/tracking/tracking-query.ts';
import { STRING_FIELDS } from '../../model/event.ts';

const NO_STRINGS = Object.fromEntries(STRING_FIELDS.map(({ column }) => [column, '']));

/** An accepted impression of the campaign `summer`, but for what is said otherwise. */
export function eventRow(values: Partial<EventRow> = {}): EventRow {
  return {
    ...(NO_STRINGS as Pick<EventRow, (typeof STRING_FIELDS)[number]['column']>),
    campaign_id: 'summer',
    event_id: 'e1',
    partition: 10,
    sequence: '36',
    row: 1,
    recorded_ms: String(Date.parse('2026-11-22T12:00:00.250Z')),
    occurred_ms: String(Date.parse('2026-11-22T12:00:00Z')),
    type: 1,
    reason: 100,
    flags: 0,
    is_unique: 0,
    value_micros: '0',
    spend_micros: '0',
    commission_micros: '0',
    ...values,
  };
}

/** A credit of the event that `eventRow` gives, for a click, but for what is said otherwise. */
export function creditRow(values: Partial<CreditRow> = {}): CreditRow {
  return {
    sequence: '36',
    row: 1,
    partner_id: 'maria',
    content_id: '',
    kind: 'click',
    touched_ms: String(Date.parse('2026-11-21T12:00:00Z')),
    model: 'LINEAR',
    share_ppm: 500_000,
    revenue_micros: '6250000',
    commission_micros: '1',
    ...values,
  };
}
