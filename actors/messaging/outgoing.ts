/** All that a partition leaves to be done outside: domain events, messages, and transfers. Each goes its own way, and none waits for another. */
import type { Clock } from '../../model/clock.ts';
import type { OutboxStatistics } from '../../model/outbox.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { EventBus } from '../../storage/events/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import type { SealedBlock } from '../partition/block.ts';
import type { Cells } from '../partition/cells.ts';
import { Outbox } from './outbox.ts';
import { eventsOutbox } from './outgoing-events.ts';
import { messagesOutbox } from './outgoing-messages.ts';
import { Transfers } from './transfers.ts';

export interface OutgoingOptions {
  readonly partition: number;
  readonly snapshots: Snapshots;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly log: Pick<Log, 'append' | 'partitions'>;
  readonly gateway: Pick<Gateway, 'transfer'>;
  readonly cells: Cells;
  readonly clock: Clock;
  /** Called if something of it has become impossible. */
  readonly failed: (error: unknown) => void;
}

export class Outgoing {
  readonly #events: Outbox;
  readonly #messages: Outbox;
  readonly #transfers: Transfers;

  private constructor(events: Outbox, messages: Outbox, transfers: Transfers) {
    this.#events = events;
    this.#messages = messages;
    this.#transfers = transfers;
  }

  /**
   * What the last owner left.
   *
   * @param savedSequence where the cursor stands
   */
  static async open(options: OutgoingOptions, savedSequence: number): Promise<Outgoing> {
    const { partition, bus, log, cells } = options;
    const isAwaited = (order: TransferOrder): Promise<boolean> => isAwaitedBy(cells, order);
    return new Outgoing(
      await Outbox.open({ ...options, ...eventsOutbox(partition, bus) }, savedSequence),
      await Outbox.open({ ...options, ...messagesOutbox(partition, log) }, savedSequence),
      await Transfers.open({ ...options, isAwaited }, savedSequence),
    );
  }

  /** Sees to what a block has left that was saved. */
  saved({ lastSequence, time, outgoing, wasInserted }: SealedBlock): void {
    const { events, messages, transfers } = outgoing;
    // What an earlier owner has left with the block, nobody else knows.
    if (events > 0 || wasInserted) this.#events.add(lastSequence, { count: events, time });
    if (messages > 0 || wasInserted) this.#messages.add(lastSequence, { count: messages, time });
    if (transfers > 0 || wasInserted) this.#transfers.add(lastSequence, { count: transfers, time });
  }

  get statistics(): OutboxStatistics {
    return {
      events: this.#events.statistics,
      messages: this.#messages.statistics,
      transfers: this.#transfers.statistics,
    };
  }

  /** Ends with what is under way; the gateway is not waited for. */
  async stop(): Promise<void> {
    await Promise.all([this.#events.stop(), this.#messages.stop(), this.#transfers.stop()]);
  }
}

/** Whether the payout of an order still waits for its outcome. */
async function isAwaitedBy(cells: Cells, order: TransferOrder): Promise<boolean> {
  const cell = await cells.load('payout', order.payoutId);
  const isAwaited = cell.actor.awaitsTransfer?.(order.attempt) ?? true;
  cells.forget(cell);
  return isAwaited;
}
