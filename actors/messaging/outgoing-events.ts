/** Domain events as they leave a partition: as they are published, on the bus. */
import { type CloudEvent, cloudEventOf, type DomainEvent } from '../../model/domain-event.ts';
import type { EventBus } from '../../storage/events/port.ts';
import { keys } from '../keys.ts';
import type { OutboxOptions } from './outbox.ts';

type EventsOutbox = Pick<OutboxOptions, 'prefix' | 'keyOf' | 'itemsIn' | 'deliver'>;

/** Domain events as they lie in the outbox. */
export function encodeEvents(events: readonly DomainEvent[]): Uint8Array {
  return Buffer.from(JSON.stringify(events.map(cloudEventOf)));
}

export function eventsOutbox(partition: number, bus: Pick<EventBus, 'publish'>): EventsOutbox {
  return {
    prefix: keys.outboxPrefix(partition),
    keyOf: (lastSequence) => keys.outbox(partition, lastSequence),
    itemsIn: (document) => {
      const events = decode(document);
      return { count: events.length, time: Date.parse(events[0]?.time ?? '') };
    },
    deliver: (document) => bus.publish(decode(document)),
  };
}

function decode(document: Uint8Array): CloudEvent[] {
  return JSON.parse(Buffer.from(document).toString()) as CloudEvent[];
}
