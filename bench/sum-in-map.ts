/** What counting would be if it had to be neither exact nor durable: the events of a log, summed by campaign. */
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

/** @returns how many events were summed */
export function sumInMap(log: readonly LogRecord[]): number {
  const campaigns = new Map<string, Sums>();
  for (const { data } of log) if (data[0] === RecordKind.events) sumBatch(new EventBatch(data), campaigns);
  let events = 0;
  for (const { impressions, clicks, conversions } of campaigns.values())
    events += impressions + clicks + conversions;
  return events;
}

function sumBatch(batch: EventBatch, campaigns: Map<string, Sums>): void {
  for (let row = 0; row < batch.rows; row++) {
    batch.seek(row);
    const id = batch.string(FIELD.campaignId) as string;
    let sums = campaigns.get(id);
    if (sums === undefined) {
      sums = { impressions: 0, clicks: 0, conversions: 0, valueMicros: 0 };
      campaigns.set(id, sums);
    }
    sums.valueMicros += batch.valueMicros;
    if (batch.type === EventType.impression) sums.impressions++;
    else if (batch.type === EventType.click) sums.clicks++;
    else sums.conversions++;
  }
}
