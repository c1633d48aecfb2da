/**
 * A machine that works partitions, life after life. One that was paused, or is set to overlook the leases
 * of others, works partitions besides their owners.
 */
import type { ActorFactory, EventActor } from '../../../actors/actor.ts';
import { actorFactories } from '../../../actors/actors.ts';
import { campaignActors } from '../../../actors/campaign/actor.ts';
import { keys } from '../../../actors/keys.ts';
import { Ownership } from '../../../actors/node/ownership.ts';
import type { FromWorker, Question } from '../../../actors/node/thread-messages.ts';
import { PartitionWorker } from '../../../actors/node/worker.ts';
import type { PartitionProgress } from '../../../actors/partition/partition.ts';
import { TICK_RECORD } from '../../../model/record.ts';
import type { Log } from '../../../storage/log/port.ts';
import type { Lease, Snapshot, Snapshots } from '../../../storage/snapshots/port.ts';
import { SimulatedProcess } from '../process.ts';
import { FINGERPRINT_KEY, loggerOf, type Site } from '../site.ts';
import { poisonable } from './poison.ts';

/** What a node says to the rest of the cluster. */
export type ToCluster = Extract<FromWorker, { kind: 'summary' | 'reply' }>;

export interface Life {
  readonly process: SimulatedProcess;
  readonly log: Log;
  readonly worker: PartitionWorker;
  readonly ownership: Ownership;
  /** Partitions that questions are answered about. */
  readonly served: Set<number>;
  isRetiring: boolean;
}

export class NodeHost {
  readonly name: string;
  /** Whether it takes what is not its own, and overlooks that it has lost it. */
  isUsurper = false;
  readonly #site: Site;
  readonly #tell: (message: ToCluster) => void;
  readonly #factory: ActorFactory<EventActor>;
  #life: Life | undefined;
  #lives = 0;

  constructor(site: Site, index: number, tell: (message: ToCluster) => void) {
    this.#site = site;
    this.#factory = poisonable(campaignActors(FINGERPRINT_KEY), site.mendedAt);
    this.name = `node-${index}`;
    this.#tell = tell;
  }

  get process(): SimulatedProcess | undefined {
    return this.#life?.process;
  }

  /** Starts a new life, if there is none. */
  start(): void {
    if (this.process?.isAlive) return;
    const { world, log, snapshots, warehouse, bus, gateway, mutant } = this.#site;
    const name = `${this.name}.${++this.#lives}`;
    const process = new SimulatedProcess(world, name, world.clockSkew());
    world.note(name, 'STARTS');
    const store = snapshots.handle(process);
    const reads = log.handle(process);
    const inserts = warehouse.handle(process);
    const pays = gateway.handle(process);
    const logger = loggerOf(process);
    const worker = new PartitionWorker({
      log: { ...reads, ...mutant.reads?.(reads, process), ...mutant.sends?.(reads, process) },
      snapshots: mutant.snapshots?.(store) ?? store,
      warehouse: mutant.warehouse?.(inserts) ?? inserts,
      bus: bus.handle(process),
      gateway: mutant.gateway?.(pays) ?? pays,
      factories: {
        ...actorFactories(FINGERPRINT_KEY),
        campaign: this.#factory,
        ...this.#site.factories,
        ...mutant.factories,
      },
      send: (message) => this.#send(life, message),
      clock: process.clock,
      logger,
    });
    const ownership = new Ownership({
      node: name,
      partitions: log.partitions.length,
      snapshots: this.#usurping(store, name),
      clock: process.clock,
      take: (partition) => this.#take(life, partition),
      give: (partition) => this.#give(life, partition),
      logger,
    });
    const life: Life = {
      process,
      log: log.handle(process),
      worker,
      ownership,
      served: new Set(),
      isRetiring: false,
    };
    this.#life = life;
    worker.start();
    void ownership.start();
  }

  /** Puts a question to the worker of a partition; `false` if it is not here. */
  ask(id: number, partition: number, question: Question): boolean {
    const life = this.#life;
    if (!life?.process.isAlive || !life.served.has(partition)) return false;
    life.process.deliver(() => life.worker.ask({ id, partition, question }));
    return true;
  }

  /** Lets the present life end as it should: it saves what it can, gives its leases up, and is gone. */
  retire(): void {
    const life = this.#life;
    if (!life?.process.isAlive || life.isRetiring) return;
    life.isRetiring = true;
    const { process, ownership, worker } = life;
    this.#site.world.note(process.name, 'RETIRES');
    const leave = async (): Promise<void> => {
      await ownership.stop();
      await worker.stop();
    };
    process.deliver(
      () =>
        void leave()
          .catch(() => undefined)
          .finally(() => process.kill()),
    );
  }

  /** The snapshots as a usurper sees them: it is alone, and every lease is its own. */
  #usurping(store: Snapshots, name: string): Snapshots {
    const alone = (snapshots: AsyncIterable<Snapshot>): AsyncIterable<Snapshot> => {
      const isUsurper = (): boolean => this.isUsurper;
      return {
        async *[Symbol.asyncIterator]() {
          for await (const snapshot of snapshots)
            if (!isUsurper() || snapshot.key === keys.member(name)) yield snapshot;
        },
      };
    };
    return {
      ...store,
      list: (prefix) => alone(store.list(prefix)),
      acquire: async (lease, owner, ttlMs): Promise<Lease | undefined> =>
        this.isUsurper
          ? { name: lease, owner, epoch: 0, expiresAt: Number.POSITIVE_INFINITY }
          : store.acquire(lease, owner, ttlMs),
    };
  }

  #take(life: Life, partition: number): void {
    this.#site.world.note(life.process.name, `takes partition ${partition}`);
    life.served.add(partition);
    life.worker.take(partition);
  }

  async #give(life: Life, partition: number): Promise<void> {
    this.#site.world.note(life.process.name, `gives partition ${partition} up`);
    life.served.delete(partition);
    await life.worker.give(partition);
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
      case 'publish':
      case 'append':
      case 'transfer':
        throw new Error('the simulated services are asked directly');
      case 'summary':
      case 'reply': {
        if (world.random.chance(world.lostMessages)) break;
        // As between threads or processes: what is sent is a copy.
        const copy = structuredClone(message);
        world.after(world.latency(), () => this.#tell(copy));
        break;
      }
      case 'given':
        break;
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
