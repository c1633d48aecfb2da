/**
 * Transfers as they leave a partition: orders of saved blocks, each handed to the payment gateway, several at once
 * and in no order. What the gateway says goes to the payout as a command through the log; only then is the order
 * forgotten. A crash, or another owner, asks the gateway again under the same key, and the payout takes no second
 * report of an attempt that is settled.
 */
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import type { Command } from '../../model/command.ts';
import { failureOf, TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import type { OutgoingStatistics } from '../../model/outbox.ts';
import { encodeCommand } from '../../model/record.ts';
import type { TransferOrder, TransferOutcome, TransferReport } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { keys } from '../keys.ts';
import type { OutgoingItems } from './outbox.ts';

const RETRY_MS = 1_000;

/** Orders of a block as they wait for the gateway. */
interface TransfersDocument {
  /** Record time of the block. */
  readonly time: number;
  readonly orders: readonly TransferOrder[];
}

/** @param time record time of the block that they come from */
export function encodeOrders(orders: readonly TransferOrder[], time: number): Uint8Array {
  return Buffer.from(JSON.stringify({ time, orders } satisfies TransfersDocument));
}

function decode(document: Uint8Array): TransfersDocument {
  return JSON.parse(Buffer.from(document).toString()) as TransfersDocument;
}

export interface TransfersOptions {
  readonly partition: number;
  readonly snapshots: Pick<Snapshots, 'get' | 'list' | 'commit'>;
  readonly log: Pick<Log, 'append' | 'partitions'>;
  readonly gateway: Pick<Gateway, 'transfer'>;
  readonly clock: Clock;
  /** Whether a payout still waits for the outcome of an order. */
  readonly isAwaited: (order: TransferOrder) => Promise<boolean>;
  /** Called once if it has become impossible to go on. */
  readonly failed: (error: unknown) => void;
}

/** The orders of a block. */
interface Waiting {
  readonly lastSequence: number;
  readonly time: number;
  /** Orders that are not reported yet. */
  count: number;
}

interface Job {
  readonly order: TransferOrder;
  readonly block: Waiting;
}

export class Transfers {
  readonly #options: TransfersOptions;
  /** Blocks with orders that are not reported yet, the oldest first. */
  readonly #blocks = new Set<Waiting>();
  /** Blocks whose documents were not read yet. */
  readonly #unread: Waiting[];
  readonly #jobs: Job[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #reading: Promise<void> | undefined;
  #delivered = 0;
  #failures = 0;

  private constructor(options: TransfersOptions, unread: Waiting[]) {
    this.#options = options;
    this.#unread = unread;
    for (const block of unread) this.#blocks.add(block);
    this.#run();
  }

  /**
   * The orders as the last owner left them. What lies behind the cursor belongs to a block yet to be formed.
   *
   * @param savedSequence where the cursor stands
   */
  static async open(options: TransfersOptions, savedSequence: number): Promise<Transfers> {
    const prefix = keys.transfersPrefix(options.partition);
    const unread: Waiting[] = [];
    for await (const { key, value } of options.snapshots.list(prefix)) {
      const lastSequence = Number(key.slice(prefix.length));
      const { time, orders } = decode(value);
      if (lastSequence <= savedSequence) unread.push({ lastSequence, time, count: orders.length });
    }
    return new Transfers(options, unread);
  }

  get statistics(): OutgoingStatistics {
    const blocks = [...this.#blocks];
    const [oldest] = blocks;
    return {
      pending: blocks.reduce((sum, { count }) => sum + count, 0),
      delivered: this.#delivered,
      failures: this.#failures,
      ...(oldest && { oldestAt: oldest.time }),
    };
  }

  /** Sees to the orders of the saved block that ends with this sequence. */
  add(lastSequence: number, { count, time }: OutgoingItems): void {
    const block = { lastSequence, time, count };
    this.#blocks.add(block);
    this.#unread.push(block);
    this.#run();
  }

  /** Ends without waiting for the gateway: whoever is next asks it again. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #run(): void {
    const { signal } = this.#abort;
    const isIdle = this.#jobs.length === 0 && this.#unread.length === 0;
    if (isIdle || signal.aborted || this.#running.size >= limits.transfersPerPartition) return;
    const running = this.#work()
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#abort.abort();
        this.#options.failed(error);
      })
      .finally(() => {
        this.#running.delete(running);
        this.#run();
      });
    this.#running.add(running);
    this.#run();
  }

  async #work(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const job = this.#jobs.shift();
      if (job) {
        await this.#perform(job);
        continue;
      }
      if (this.#unread.length === 0) return;
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  /** Reads the orders of the oldest block that was not read yet. */
  async #read(): Promise<void> {
    const { partition, snapshots } = this.#options;
    const block = this.#unread[0];
    if (!block) return;
    await this.#repeat(async () => {
      const found = await snapshots.get(keys.transfers(partition, block.lastSequence));
      const { orders } = found ? decode(found.value) : { orders: [] };
      this.#unread.shift();
      block.count = orders.length;
      for (const order of orders) this.#jobs.push({ order, block });
      if (orders.length === 0) this.#blocks.delete(block);
    });
  }

  async #perform({ order, block }: Job): Promise<void> {
    const { partition, snapshots, isAwaited } = this.#options;
    let isOpen = false;
    await this.#repeat(async () => {
      isOpen = await isAwaited(order);
    });
    // An order may lie here again long after it was settled, brought back by an owner that had slept: the gateway
    // need not know its key any more.
    if (isOpen) await this.#ask(order);
    if (this.#abort.signal.aborted) return;
    this.#delivered++;
    block.count--;
    if (block.count > 0) return;
    const key = keys.transfers(partition, block.lastSequence);
    await this.#repeat(() => snapshots.commit([{ key, value: undefined }]));
    this.#blocks.delete(block);
  }

  /** Asks the gateway, and tells the payout what it said. */
  async #ask(order: TransferOrder): Promise<void> {
    const { log } = this.#options;
    const outcome = await this.#outcomeOf(order);
    if (!outcome) return;
    const report = reportOf(order, outcome);
    const target = partitionOf(report.actorId, log.partitions);
    await this.#repeat(() => log.append(target, report.commandId, encodeCommand(report)));
  }

  /** What the gateway says; `undefined` if that is no longer waited for. */
  #outcomeOf(order: TransferOrder): Promise<TransferOutcome | undefined> {
    const { signal } = this.#abort;
    const asked = this.#options.gateway.transfer(order).catch((error: unknown): TransferOutcome => {
      this.#failures++;
      return { kind: 'unknown', message: failureOf(error).message };
    });
    return new Promise((resolve) => {
      const giveUp = (): void => resolve(undefined);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      void asked.then((outcome) => {
        signal.removeEventListener('abort', giveUp);
        resolve(outcome);
      });
    });
  }

  /** Does something again and again until it succeeds, or the end has come. */
  async #repeat(step: () => Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await step();
        return;
      } catch (error) {
        if (!(error instanceof TurnpikeError && error.retryable)) throw error;
        this.#failures++;
      }
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

/** The command has an id of its own for each kind of outcome: that one owner heard nothing must not hide what another heard. */
function reportOf({ payoutId, attempt }: TransferOrder, outcome: TransferOutcome): Command {
  return {
    commandId: `transfer-${payoutId}-${attempt}-${outcome.kind}`,
    actorKind: 'payout',
    actorId: payoutId,
    name: 'report_transfer',
    payload: { attempt, outcome } satisfies TransferReport,
    principal: { subject: 'system' },
  };
}
