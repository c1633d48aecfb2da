/** A partition in memory: the real state machine, to which records are given, and whose blocks are thrown away. */
import { actorFactories } from '../actors/actors.ts';
import { Cells } from '../actors/partition/cells.ts';
import { EventIdWindow } from '../actors/partition/event-id-window.ts';
import { PartitionState } from '../actors/partition/partition-state.ts';
import { KEY } from '../actors/test-support.ts';
import { MemorySnapshots } from '../cli/verify/memory-snapshots.ts';
import type { CampaignMetrics } from '../model/campaign.ts';
import type { LogRecord } from '../storage/log/port.ts';

const PARTITION = 0;
const START = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };

export class ReplayedPartition {
  readonly #snapshots = new MemorySnapshots();
  readonly #cells: Cells;
  readonly #state: PartitionState;
  /** Bytes of the rows for the warehouse. */
  rowBytes = 0;

  private constructor(eventIds: EventIdWindow) {
    this.#cells = new Cells(PARTITION, this.#snapshots, actorFactories(KEY));
    const nobody = { summary: () => undefined, answer: () => undefined };
    this.#state = new PartitionState(PARTITION, START, this.#cells, eventIds, new Map(), nobody);
  }

  static async open(): Promise<ReplayedPartition> {
    return new ReplayedPartition(await EventIdWindow.load(START.eventIds, async () => undefined));
  }

  /** Applies records as a partition's worker does, blocks included; only nobody takes the blocks. */
  async replay(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const closed = this.#state.closeBefore(record);
      if (closed) {
        for (const { data } of closed.block.inserts) this.rowBytes += data.byteLength;
        this.#snapshots.save(closed.block);
      }
      await this.#state.apply(record);
    }
  }

  /** Events that the campaigns have accepted, together. */
  async accepted(campaigns: readonly string[]): Promise<number> {
    let sum = 0;
    for (const campaignId of campaigns) {
      const { actor } = await this.#cells.load('campaign', campaignId);
      sum += (actor.query('metrics', this.#state.time) as CampaignMetrics).accepted;
    }
    return sum;
  }
}
