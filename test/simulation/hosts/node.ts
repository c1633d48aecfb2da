/**
 * A machine that works partitions, life after life. A partition belongs to whoever has its lease; one that
 * was paused, or is set to overlook that its lease is gone, works it besides its new owner.
 */
import type { ActorFactory } from '../../../actors/actor.ts';
import { campaignActors } from '../../../actors/campaign/actor.ts';
import type { FromWorker, ToWorker } from '../../../actors/messages.ts';
import type { PartitionProgress } from '../../../actors/partition.ts';
import { PartitionWorker } from '../../../actors/worker.ts';
import { TICK_RECORD } from '../../../model/record.ts';
import type { Log } from '../../../storage/log/port.ts';
import type { Lease, Snapshots } from '../../../storage/snapshots/port.ts';
import { SimulatedProcess } from '../process.ts';
import { FINGERPRINT_KEY, loggerOf, type Site } from '../site.ts';
import { poisonable } from './poison.ts';

const LEASE_MS = 3_000;
const RENEW_MS = 1_000;

/** What a node says to the rest of the cluster. */
export type ToCluster = Exclude<FromWorker, { kind: 'tick' | 'insert' | 'progress' }>;
export type Question = Exclude<ToWorker, { kind: 'stop' | 'inserted' }>;

interface Tenure {
  readonly worker: PartitionWorker;
  isEnding: boolean;
}

export interface Life {
  readonly process: SimulatedProcess;
  readonly log: Log;
  readonly snapshots: Snapshots;
  readonly tenures: Map<number, Tenure>;
  readonly leases: Map<number, Lease>;
  isRetiring: boolean;
}

export class NodeHost {
  readonly name: string;
  /** Whether it works on without a lease, and takes what is not its own. */
  isUsurper = false;
  readonly #site: Site;
  readonly #tell: (message: ToCluster) => void;
  readonly #factory: ActorFactory = poisonable(campaignActors(FINGERPRINT_KEY));
  #life: Life | undefined;
  #lives = 0;

  constructor(site: Site, index: number, tell: (message: ToCluster) => void) {
    this.#site = site;
    this.name = `node-${index}`;
    this.#tell = tell;
  }

  get process(): SimulatedProcess | undefined {
    return this.#life?.process;
  }

  /** Starts a new life, if there is none. */
  start(): void {
    if (this.process?.isAlive) return;
    const { world, log, snapshots, mutant } = this.#site;
    const name = `${this.name}/${++this.#lives}`;
    const process = new SimulatedProcess(world, name, world.clockSkew());
    world.note(name, 'STARTS');
    const store = snapshots.handle(process);
    const life: Life = {
      process,
      log: log.handle(process),
      snapshots: mutant.snapshots?.(store) ?? store,
      tenures: new Map(),
      leases: new Map(),
      isRetiring: false,
    };
    this.#life = life;
    for (let partition = 0; partition < log.partitions.length; partition++) void this.#tend(life, partition);
  }

  /** Asks the worker of a partition; `false` if it is not here. */
  ask(question: Question): boolean {
    const life = this.#life;
    const tenure = life?.tenures.get(question.partition);
    if (!life?.process.isAlive || !tenure || tenure.isEnding) return false;
    life.process.deliver(() => tenure.worker.handle(question));
    return true;
  }

  /** Lets the present life end as it should: it saves what it can, gives its leases up, and is gone. */
  retire(): void {
    const life = this.#life;
    if (!life?.process.isAlive || life.isRetiring) return;
    life.isRetiring = true;
    const { process, tenures, snapshots } = life;
    this.#site.world.note(process.name, 'RETIRES');
    const leave = async (): Promise<void> => {
      await Promise.all([...tenures.values()].map(({ worker }) => worker.stop()));
      for (const lease of life.leases.values()) await snapshots.release(lease);
    };
    process.deliver(
      () =>
        void leave()
          .catch(() => undefined)
          .finally(() => process.kill()),
    );
  }

  /** Takes, keeps and gives up a partition, as its lease says. */
  async #tend(life: Life, partition: number): Promise<void> {
    const { process, snapshots } = life;
    const { random } = this.#site.world;
    let validUntil = 0;
    await process.clock.sleep(random.integer(0, 500));
    while (!life.isRetiring) {
      const askedAt = process.clock.now();
      const lease = await snapshots
        .acquire(`lease/${partition}`, process.name, LEASE_MS)
        .catch(() => 'unknown' as const);
      if (lease === undefined) validUntil = 0;
      else if (lease !== 'unknown') {
        validUntil = askedAt + LEASE_MS;
        life.leases.set(partition, lease);
      }
      if (life.isRetiring) return;
      if (this.isUsurper || process.clock.now() < validUntil) this.#begin(life, partition);
      else this.#end(life, partition);
      await process.clock.sleep(RENEW_MS + random.integer(-200, 200));
    }
  }

  #begin(life: Life, partition: number): void {
    if (life.tenures.has(partition)) return;
    const { log, warehouse, mutant, world } = this.#site;
    const { process, snapshots } = life;
    world.note(process.name, `takes partition ${partition}`);
    const reads = log.handle(process);
    const inserts = warehouse.handle(process);
    const worker = new PartitionWorker({
      partitions: [partition],
      log: mutant.reads?.(reads, process) ?? reads,
      snapshots,
      warehouse: mutant.warehouse?.(inserts) ?? inserts,
      factories: { campaign: this.#factory },
      send: (message) => this.#send(life, message),
      clock: process.clock,
      logger: loggerOf(process),
    });
    life.tenures.set(partition, { worker, isEnding: false });
    worker.start();
  }

  #end(life: Life, partition: number): void {
    const tenure = life.tenures.get(partition);
    if (!tenure || tenure.isEnding) return;
    tenure.isEnding = true;
    this.#site.world.note(life.process.name, `gives partition ${partition} up`);
    void tenure.worker.stop().then(() => life.tenures.delete(partition));
  }

  #send(life: Life, message: FromWorker): void {
    const { world } = this.#site;
    switch (message.kind) {
      case 'tick': {
        const { partition, after } = message;
        life.log.append(partition, `tick-${partition}-${after}`, TICK_RECORD).catch(() => undefined);
        break;
      }
      case 'insert':
        throw new Error('the simulated warehouse is asked directly');
      case 'summary':
      case 'answer':
      case 'reply': {
        if (world.random.chance(world.lostMessages)) break;
        // As between threads or processes: what is sent is a copy.
        const copy = structuredClone(message);
        world.after(world.latency(), () => this.#tell(copy));
        break;
      }
      case 'progress':
        for (const progress of message.progress) this.#trim(life, progress);
        break;
    }
  }

  /** Gives up records that are saved, as the retention does, but much sooner. */
  #trim(life: Life, { partition, committed, inserted }: PartitionProgress): void {
    const { log, world } = this.#site;
    if (!world.random.chance(log.trims)) return;
    life.log.trim(partition, Math.min(committed, inserted) + 1).catch(() => undefined);
  }
}
