/**
 * Blocks of one table that go in together: while one insert is under way, what comes waits for the next. An insert
 * costs the engine about 6 ms of CPU however small it is, and partitions close their blocks at about the same time.
 *
 * That is only for a table in which a row that comes again changes nothing, for a token of its own no block has.
 */
import type { WarehouseBlock } from './port.ts';

/** Bodies of the format `Native` are one body, one after the other. */
type Insert = (bodies: readonly Uint8Array[]) => Promise<void>;

export class GatheredInserts {
  readonly #insert: Insert;
  /** By token, so that a block that is given again while it waits is there once. */
  #waiting = new Map<string, Uint8Array>();
  /** What is under way, if something is, and what goes next, if something waits. */
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(insert: Insert) {
    this.#insert = insert;
  }

  /** Resolves when the block is in. @throws whatever the insert throws that it goes with */
  add({ token, data }: WarehouseBlock): Promise<void> {
    this.#waiting.set(token, data);
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async #after(running: Promise<void> | undefined): Promise<void> {
    // Whether that succeeds is for those to know who wait for it.
    await running?.catch(() => undefined);
    const bodies = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#running = this.#next;
    this.#next = undefined;
    await this.#insert(bodies);
  }
}
