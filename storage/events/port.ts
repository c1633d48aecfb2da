/** Domain events on their way to others: whoever listens hears each at least once, in order per campaign. */
import type { CloudEvent } from '../../model/domain-event.ts';

export interface EventBus {
  /**
   * Publishes events, in order, and resolves once all are with the bus. Events that come again soon are
   * dropped by their ids, as far as the engine remembers them.
   *
   * @throws TurnpikeError `unavailable`, `deadline_exceeded`: some may have been published; repeat all
   */
  publish(events: readonly CloudEvent[]): Promise<void>;

  /** Hears events from now on, until the result is called. */
  subscribe(hear: (event: CloudEvent) => void): () => void;

  close(): Promise<void>;
}
