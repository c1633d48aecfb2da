/** Makes log records of waiting events: as many as fit into one. */
import { limits } from '../limits.ts';
import type { ReasonCode } from '../model/decision.ts';
import { EventBatchBuilder } from '../model/event-batch.ts';
import { isStopped } from './claims.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { EVENT_WORDS, type WaitingBatch } from './waiting-batch.ts';

/** Whatever the next event is, it fits below this. */
const ROOM_FOR_ONE = limits.recordBytes - 2 * limits.eventBytes;

export interface WrittenRecord {
  readonly data: Uint8Array;
  /** Index after the last event that is in it. */
  readonly end: number;
}

export class RecordWriter {
  readonly #builder = new EventBatchBuilder();

  /**
   * Writes events from `start` on. Events that the filter has stopped are counted in the record, all
   * others are its rows: their `row` tells which.
   */
  write(batch: WaitingBatch, start: number): WrittenRecord {
    for (let most = batch.events.length - start; ; ) {
      const end = this.#fill(batch, start, start + most);
      const data = this.#builder.encode();
      if (data.byteLength <= limits.recordBytes) return { data, end };
      // Text outside ASCII takes more bytes than was reckoned with: halve.
      most = Math.ceil((end - start) / 2);
    }
  }

  #fill({ events, fingerprints }: WaitingBatch, start: number, end: number): number {
    const builder = this.#builder;
    let at = start;
    while (at < end && builder.bytes < ROOM_FOR_ONE) {
      const event = events[at] as IncomingEvent;
      if (isStopped(event)) {
        const { campaignId, partnerId, type, reason } = event;
        builder.addStopped(campaignId as string, partnerId, type, reason as ReasonCode);
      } else {
        event.row = builder.rows;
        builder.addRow(event, fingerprints, at * EVENT_WORDS, event.verdict);
      }
      at++;
    }
    return at;
  }
}
