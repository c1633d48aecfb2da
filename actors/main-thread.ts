/**
 * What a thread leaves to the main thread: the warehouse, which it must not open itself, and the bus. What
 * is handed over waits for the main thread's answer.
 */
import type { CloudEvent } from '../model/domain-event.ts';
import { type Failure, TurnpikeError } from '../model/errors.ts';
import type { EventBus } from '../storage/events/port.ts';
import type { Warehouse, WarehouseBlock } from '../storage/warehouse/port.ts';
import type { FromWorker } from './messages.ts';

export class MainThread implements Pick<Warehouse, 'insert'>, Pick<EventBus, 'publish'> {
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  insert(block: WarehouseBlock): Promise<void> {
    return this.#ask((id) => ({ kind: 'insert', id, block }));
  }

  publish(events: readonly CloudEvent[]): Promise<void> {
    return this.#ask((id) => ({ kind: 'publish', id, events }));
  }

  /** The main thread's answer. */
  done(id: number, failure: Failure | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) waiting?.reject(new TurnpikeError(failure));
    else waiting?.resolve();
  }

  #ask(message: (id: number) => FromWorker): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(message(id));
    });
  }
}
