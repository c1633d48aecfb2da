/**
 * What a thread leaves to the main thread: the warehouse, which it must not open itself, the bus, appending to the
 * log, and the payment gateway. What is handed over waits for the main thread's answer.
 */
import type { CloudEvent } from '../../model/domain-event.ts';
import { type Failure, TurnpikeError } from '../../model/errors.ts';
import type { TransferOrder, TransferOutcome } from '../../model/transfer.ts';
import type { EventBus } from '../../storage/events/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Warehouse, WarehouseBlock } from '../../storage/warehouse/port.ts';
import type { FromWorker } from './thread-messages.ts';

export class MainThread
  implements
    Pick<Warehouse, 'insert'>,
    Pick<EventBus, 'publish'>,
    Pick<Log, 'append'>,
    Pick<Gateway, 'transfer'>
{
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  async insert(block: WarehouseBlock): Promise<void> {
    await this.#ask((id) => ({ kind: 'insert', id, block }));
  }

  async publish(events: readonly CloudEvent[]): Promise<void> {
    await this.#ask((id) => ({ kind: 'publish', id, events }));
  }

  async append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    return (await this.#ask((id) => ({ kind: 'append', id, partition, recordId, data }))) as number;
  }

  async transfer(order: TransferOrder): Promise<TransferOutcome> {
    return (await this.#ask((id) => ({ kind: 'transfer', id, order }))) as TransferOutcome;
  }

  /** The main thread's answer. */
  done(id: number, value: unknown, failure: Failure | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) waiting?.reject(new TurnpikeError(failure));
    else waiting?.resolve(value);
  }

  #ask(message: (id: number) => FromWorker): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(message(id));
    });
  }
}
