/** One partition over the embedded engines with a clock of its own, for tests of the verification. */
import { join } from 'node:path';
import { pino } from 'pino';
import type { ActorFactory, EventActor } from '../../actors/actor.ts';
import { actorFactories } from '../../actors/actors.ts';
import { campaignActors } from '../../actors/campaign/actor.ts';
import { Partition } from '../../actors/partition/partition.ts';
import {
  command,
  definition,
  type EventInput,
  eventsRecord,
  KEY,
  NO_GATEWAY,
  NOON,
} from '../../actors/test-support.ts';
import { campaignsByPartition } from '../../cli/verify/aggregate-rows.ts';
import { verifyBooks } from '../../cli/verify/books/books.ts';
import type { BooksFindings } from '../../cli/verify/books/findings.ts';
import { type PartitionResult, verifyPartition } from '../../cli/verify/partition.ts';
import type { Sources } from '../../cli/verify/sources.ts';
import { limits } from '../../limits.ts';
import type { CampaignDefinition } from '../../model/campaign.ts';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { encodeCommand, TICK_RECORD } from '../../model/record.ts';
import { openLocalBus } from '../../storage/events/local.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { openSegmentLog, type SegmentLog } from '../../storage/log/segment-log.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse, WarehouseBlock } from '../../storage/warehouse/port.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { waitFor } from '../support/wait.ts';

export class SmallSystem implements AsyncDisposable {
  /** The log's clock, milliseconds since the epoch. */
  now = NOON;
  readonly log: SegmentLog;
  readonly snapshots: Snapshots;
  readonly warehouse: Warehouse;
  /** What becomes of a block on its way to the warehouse: told to be inserted without being so, or refused. */
  fate: (block: WarehouseBlock) => 'insert' | 'lose' | 'refuse' = () => 'insert';
  /** Who is asked to send money. */
  gateway: Pick<Gateway, 'transfer'> & Partial<Pick<Gateway, 'transfers' | 'transfersOf'>> = NO_GATEWAY;
  readonly #folder = temporaryFolder('verify');
  #partition: Partition | undefined;
  #records = 0;

  private constructor() {
    const { path } = this.#folder;
    this.log = openSegmentLog({ directory: join(path, 'log'), partitions: 1, now: () => this.now });
    this.snapshots = openLmdbSnapshots({ directory: join(path, 'snapshots') });
    this.warehouse = openWarehouse({ chdbDirectory: join(path, 'warehouse') });
  }

  /** A system with a running campaign `c1`. */
  static async start(
    overrides: Partial<CampaignDefinition> = {},
    factory: ActorFactory<EventActor> = campaignActors(KEY),
  ): Promise<SmallSystem> {
    const system = new SmallSystem();
    await system.warehouse.migrate();
    system.work(factory);
    await system.append(encodeCommand(command('create', { payload: definition(overrides) })));
    await system.append(encodeCommand(command('activate')));
    return system;
  }

  /** Lets the partition work. */
  work(factory: ActorFactory<EventActor> = campaignActors(KEY)): void {
    const nobody = { summary: () => undefined, answer: () => undefined };
    this.#partition = new Partition({
      partition: 0,
      log: this.log,
      snapshots: this.snapshots,
      warehouse: { insert: (block) => this.#insert(block) },
      bus: openLocalBus(),
      gateway: { transfer: (order) => this.gateway.transfer(order) },
      factories: { ...actorFactories(KEY), campaign: factory },
      events: nobody,
      clock: SYSTEM_CLOCK,
      logger: pino({ level: 'silent' }),
    });
    this.#partition.start();
  }

  append(data: Uint8Array): Promise<number> {
    return this.log.append(0, `record-${++this.#records}`, data);
  }

  /** Appends a record of events, and of repeats that the filter stopped. */
  send(events: readonly EventInput[], stopped: Parameters<typeof eventsRecord>[1] = []): Promise<number> {
    return this.append(eventsRecord(events, stopped));
  }

  /** Lets time go by, so that a tick closes the open block. */
  pass(ms: number = limits.blockMs): Promise<number> {
    this.now += ms;
    return this.append(TICK_RECORD);
  }

  /** Closes the open block and waits until everything is saved and inserted, also what it has told other actors. */
  async settle(): Promise<void> {
    let tick = await this.pass();
    const isSettled = async (): Promise<boolean> => {
      const last = await this.log.lastSequence(0);
      const progress = this.#partition?.progress;
      if (!progress || progress.applied < last || progress.outbox.messages.pending > 0) return false;
      if (last === tick) return progress.inserted >= last;
      tick = await this.pass();
      return false;
    };
    await waitFor('everything inserted', isSettled, 20_000);
  }

  /** Waits until everything is saved, wherever the rows are. */
  async save(): Promise<void> {
    await this.pass();
    const saved = (await this.log.lastSequence(0)) - 1;
    await waitFor('everything saved', () => (this.#partition?.progress?.committed ?? 0) >= saved, 30_000);
  }

  async stop(): Promise<void> {
    await this.#partition?.stop();
    this.#partition = undefined;
  }

  /** Verifies the partition: stopped first unless it may run on. */
  async verify(isLive = false): Promise<PartitionResult> {
    if (!isLive) await this.stop();
    const sources = this.#sources(isLive);
    const [campaigns = new Set<string>()] = await campaignsByPartition(sources);
    return verifyPartition({ sources, partition: 0, campaigns, progressed: () => undefined });
  }

  /** Verifies the books of the partners: stopped first unless it may run on. */
  async verifyBooks(isLive = false): Promise<BooksFindings> {
    if (!isLive) await this.stop();
    return verifyBooks(this.#sources(isLive));
  }

  #sources(isLive: boolean): Sources {
    const { log, snapshots, warehouse } = this;
    const { transfers, transfersOf } = this.gateway;
    const gateway = transfers && transfersOf && { transfers, transfersOf };
    const close = async (): Promise<void> => undefined;
    return { partitions: 1, fingerprintKey: KEY, log, snapshots, warehouse, gateway, isLive, close };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.log.close();
    await this.snapshots.close();
    await this.warehouse.close();
    this.#folder[Symbol.dispose]();
  }

  async #insert(block: WarehouseBlock): Promise<void> {
    switch (this.fate(block)) {
      case 'insert':
        return this.warehouse.insert(block);
      case 'refuse':
        throw new TurnpikeError({ code: 'unavailable', message: 'away' });
      case 'lose':
        return;
    }
  }
}
