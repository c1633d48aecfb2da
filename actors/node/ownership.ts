/**
 * Which partitions a node works, among the nodes that are alive: each takes its fair share, gives up what
 * is beyond it, and takes over what a dead node has left. A lease says who works a partition; the cursor's
 * epoch, not the lease, is what keeps two that both believe to be it from doing harm.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { Lease, Snapshots } from '../../storage/snapshots/port.ts';
import { keys } from '../keys.ts';
import { Members } from './members.ts';

/** How often a node says that it is alive, renews its leases and looks around. */
const ROUND_MS = 700;
/** A lease that is not renewed for this long is anybody's. */
const LEASE_MS = 3_000;
/** Leases asked for at a time. */
const AT_ONCE = 16;

export interface OwnershipOptions {
  /** Name of this life of the node; never used again. */
  readonly node: string;
  readonly partitions: number;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  /** Begins to work a partition. */
  readonly take: (partition: number) => void;
  /** Gives a partition up; resolves when nothing more is written of it. */
  readonly give: (partition: number) => Promise<void>;
  readonly logger: Logger;
}

interface Holding {
  lease: Lease;
  /** It is being given up, and kept until that is done. */
  isLeaving: boolean;
}

export class Ownership {
  readonly #options: OwnershipOptions;
  readonly #members: Members;
  readonly #held = new Map<number, Holding>();
  readonly #abort = new AbortController();
  #life: Promise<void> | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.#members = new Members(options.node, options.snapshots, () => options.clock.now());
  }

  /** Joins the nodes; resolves when it holds what it can have at once. */
  async start(): Promise<void> {
    while (!(await this.#tryRound())) await this.#options.clock.sleep(ROUND_MS, this.#abort.signal);
    this.#life = this.#live();
  }

  /** Gives everything up, so that others need not wait until the leases have expired. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#life;
    await this.#leave();
    await Promise.all([...this.#held.keys()].map((partition) => this.#giveUp(partition)));
  }

  async #leave(): Promise<void> {
    try {
      await this.#members.leave();
    } catch (error) {
      // The others will notice by its silence.
      this.#options.logger.warn({ err: error }, 'leave not taken');
    }
  }

  async #live(): Promise<void> {
    const { signal } = this.#abort;
    for (;;) {
      await this.#options.clock.sleep(ROUND_MS, signal);
      if (signal.aborted) return;
      await this.#tryRound();
    }
  }

  /** Whether it was a whole round. What is held is worked on if not: who has taken it fences this node off. */
  async #tryRound(): Promise<boolean> {
    try {
      await this.#round();
      return true;
    } catch (error) {
      const isExpected = error instanceof TurnpikeError && error.retryable;
      this.#options.logger[isExpected ? 'warn' : 'error']({ err: error }, 'partitions not shared out');
      return false;
    }
  }

  async #round(): Promise<void> {
    await this.#renew();
    const share = shareOf(this.#options.node, await this.#members.meet(), this.#options.partitions);
    const staying = [...this.#held].filter(([, { isLeaving }]) => !isLeaving).map(([partition]) => partition);
    if (staying.length > share.count) for (const one of staying.slice(share.count)) void this.#giveUp(one);
    else if (staying.length < share.count) await this.#takeFree(share.count - staying.length, share.from);
  }

  /**
   * Renews what is held; what somebody else has taken meanwhile is given up. That may take long, and must not
   * hold up the other leases.
   */
  async #renew(): Promise<void> {
    const { logger, snapshots } = this.#options;
    await inBatches([...this.#held], async ([partition, holding]) => {
      const lease = await this.#acquire(partition);
      if (lease === undefined) {
        if (!holding.isLeaving) logger.warn({ partition }, 'partition lost to another node');
        void this.#giveUp(partition);
      } else if (this.#held.get(partition) === holding) holding.lease = lease;
      // It was given back while it was being renewed.
      else await snapshots.release(lease);
    });
  }

  /** Takes up to `count` partitions that nobody holds, beginning to look at `from`. */
  async #takeFree(count: number, from: number): Promise<void> {
    const { partitions, take, logger } = this.#options;
    const candidates = Array.from({ length: partitions }, (_, index) => (from + index) % partitions);
    const taken: number[] = [];
    for (const partition of candidates) {
      if (taken.length >= count || this.#abort.signal.aborted) break;
      if (this.#held.has(partition)) continue;
      const lease = await this.#acquire(partition);
      if (!lease) continue;
      this.#held.set(partition, { lease, isLeaving: false });
      take(partition);
      taken.push(partition);
    }
    if (taken.length > 0) logger.info({ partitions: taken }, 'partitions taken');
  }

  async #giveUp(partition: number): Promise<void> {
    const { give, snapshots, logger } = this.#options;
    const holding = this.#held.get(partition);
    if (!holding || holding.isLeaving) return;
    holding.isLeaving = true;
    try {
      await give(partition);
      this.#held.delete(partition);
      await snapshots.release(holding.lease);
      logger.info({ partition }, 'partition given up');
    } catch (error) {
      // It expires by itself.
      logger.warn({ err: error, partition }, 'lease not given back');
    }
  }

  #acquire(partition: number): Promise<Lease | undefined> {
    const { snapshots, node } = this.#options;
    return snapshots.acquire(keys.lease(partition), node, LEASE_MS);
  }
}

/**
 * A node's share: shares differ by one at most and make up all partitions. Nodes begin to look for theirs
 * at different places, so that they do not all want the same.
 */
export function shareOf(
  node: string,
  members: readonly string[],
  partitions: number,
): { readonly count: number; readonly from: number } {
  const rank = Math.max(0, members.indexOf(node));
  const nodes = Math.max(1, members.length);
  const extra = partitions % nodes;
  const least = Math.floor(partitions / nodes);
  return { count: least + (rank < extra ? 1 : 0), from: rank * least + Math.min(rank, extra) };
}

async function inBatches<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(each));
}
