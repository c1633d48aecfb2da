/** The bus within one process: the embedded engine. Whoever wants what has passed asks the warehouse. */
import type { CloudEvent } from '../../model/domain-event.ts';
import type { EventBus } from './port.ts';

export function openLocalBus(): EventBus {
  const listeners = new Set<(event: CloudEvent) => void>();
  return {
    async publish(events) {
      for (const event of events) for (const hear of listeners) hear(event);
    },
    subscribe(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
    async close() {
      listeners.clear();
    },
  };
}
