/**
 * What counting would be if it had to be neither exact nor durable: the events of a log, summed as the product's
 * aggregates are, by campaign, partner and hour, under a text of the three.
 */
import { EventType } from '../model/event.ts';
import { EventBatch, FIELD } from '../model/event-batch.ts';
import { RecordKind } from '../model/record.ts';
import type { LogRecord } from '../storage/log/port.ts';

interface Sums {
  impressions: number;
  clicks: number;
  conversions: number;
  valueMicros: number;
}

const HOUR_MS = 3_600_000;

/** @returns how many events were summed */
export function sumInMap(log: readonly LogRecord[]): number {
  const totals = new Map<string, Sums>();
  for (const { data } of log) if (data[0] === RecordKind.events) sumBatch(new EventBatch(data), totals);
  let events = 0;
  for (const { impressions, clicks, conversions } of totals.values())
    events += impressions + clicks + conversions;
  return events;
}

function sumBatch(batch: EventBatch, totals: Map<string, Sums>): void {
  for (let row = 0; row < batch.rows; row++) {
    batch.seek(row);
    const hour = Math.floor(batch.occurredAt / HOUR_MS);
    const key = `${batch.string(FIELD.campaignId)}/${batch.string(FIELD.partnerId)}/${hour}`;
    let sums = totals.get(key);
    if (sums === undefined) {
      sums = { impressions: 0, clicks: 0, conversions: 0, valueMicros: 0 };
      totals.set(key, sums);
    }
    sums.valueMicros += batch.valueMicros;
    if (batch.type === EventType.impression) sums.impressions++;
    else if (batch.type === EventType.click) sums.clicks++;
    else sums.conversions++;
  }
}
