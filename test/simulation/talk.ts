/**
 * A small world in which actors of several partitions talk to each other, while nodes die, sleep, and work what is
 * not theirs, and the services fail. At rest, everything that was told must have been heard, once and in order.
 */
import type { Command } from '../../model/command.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { encodeCommand } from '../../model/record.ts';
import type { Random } from '../support/random.ts';
import { NodeHost } from './hosts/node.ts';
import type { Mutant } from './mutant.ts';
import { Ledger } from './oracle/ledger.ts';
import { DedupServer } from './ports/dedup.ts';
import { EventBusServer } from './ports/event-bus.ts';
import { GatewayServer } from './ports/gateway.ts';
import { LogServer } from './ports/log.ts';
import { SnapshotServer } from './ports/snapshots.ts';
import { WarehouseServer } from './ports/warehouse.ts';
import { SimulatedProcess } from './process.ts';
import { checkReplay } from './replay.ts';
import { NOTHING_GOES_WRONG, type Odds } from './service.ts';
import type { Site } from './site.ts';
import { type TalkerState, talkers } from './talkers.ts';
import { World } from './world.ts';

const STARTED_AT = Date.UTC(2026, 5, 1, 12);
const DEADLINE_MS = 20 * 60_000;
const REST_MS = 5_000;
const RETRY_MS = 300;

/** What went wrong, and how much was told in all. */
export interface Talk {
  readonly violations: readonly string[];
  readonly told: number;
  readonly trace: readonly string[];
}

/** Lets actors talk in the world of a seed. */
export async function talk(seed: number, mutant: Mutant = {}, isTraced = false): Promise<Talk> {
  const world = new World(seed, STARTED_AT, isTraced);
  const { random } = world;
  const partitions = random.integer(1, 3);
  const ids = Array.from({ length: random.integer(2, 6) }, (_, index) => `talker-${index}`);
  const site: Site = {
    world,
    log: new LogServer(world, partitions),
    dedup: new DedupServer(world),
    snapshots: new SnapshotServer(world),
    warehouse: new WarehouseServer(world),
    bus: new EventBusServer(world),
    gateway: new GatewayServer(world),
    ledger: new Ledger(new Set()),
    mutant,
    mendedAt: STARTED_AT,
    factories: { account: talkers(ids) },
  };
  const chat = new Chat(site, ids);
  await world.drive(chat.script(), DEADLINE_MS);
  await world.drive(checkReplay(site), DEADLINE_MS * 2);
  const violations = [...chat.violations(), ...site.ledger.violations.map(({ message }) => message)];
  return { violations, told: chat.told, trace: world.trace ?? [] };
}

class Chat {
  told = 0;
  readonly #site: Site;
  readonly #ids: readonly string[];
  readonly #nodes: readonly NodeHost[];
  readonly #client: SimulatedProcess;
  #isHealed = false;
  #hasEnded = false;
  #commands = 0;

  constructor(site: Site, ids: readonly string[]) {
    this.#site = site;
    this.#ids = ids;
    const { random } = site.world;
    this.#nodes = Array.from(
      { length: random.integer(1, 3) },
      (_, index) => new NodeHost(site, index, () => undefined),
    );
    this.#client = new SimulatedProcess(site.world, 'client', 0, false);
  }

  async script(): Promise<void> {
    const { world, log, snapshots, warehouse } = this.#site;
    const { random } = world;
    // Now and then the log recognises repeats for a moment only, or not at all.
    log.repeatMs = random.pick([0, 500, 120_000]);
    log.gaps = random.pick([0, 0, 0.2]);
    snapshots.isAtomic = random.chance(0.3);
    const severity = random.pick([0, 0.05, 0.12]);
    log.odds = drawOdds(random, severity);
    snapshots.odds = drawOdds(random, severity / 4);
    warehouse.odds = drawOdds(random, severity);
    world.stragglers = random.pick([0, 0.02]);
    this.#revive();
    const talkMs = random.integer(5_000, 30_000);
    for (let strikes = random.pick([2, 6, 12]); strikes > 0; strikes--)
      world.after(random.integer(0, talkMs), () => this.#strike());
    for (let count = random.integer(5, 40); count > 0; count--) {
      await world.sleep(random.integer(0, Math.floor(talkMs / 20)));
      void this.#say();
    }
    this.#heal();
    await this.#rest();
    this.#hasEnded = true;
    for (const { process } of this.#nodes) process?.kill();
  }

  /** Everything that was told and not heard, or heard otherwise. */
  violations(): string[] {
    const states = new Map<string, TalkerState>();
    for (const [key, { value }] of this.#site.snapshots.documents) {
      const [, id] = /\/account\/([^/]+)\/state$/.exec(key) ?? [];
      if (id !== undefined) states.set(id, JSON.parse(Buffer.from(value).toString()) as TalkerState);
    }
    const violations = [...states.values()].flatMap(({ wrong }) => wrong);
    for (const [from, { told }] of states)
      for (const [to, count] of Object.entries(told)) {
        this.told += count;
        const heard = states.get(to)?.heard[from] ?? 0;
        if (heard !== count) violations.push(`${from} told ${to} ${count} things, and ${heard} were heard`);
      }
    return violations;
  }

  async #say(): Promise<void> {
    const { world, log } = this.#site;
    const { random } = world;
    const to = Array.from({ length: random.integer(1, 12) }, () => random.pick(this.#ids));
    const command: Command = {
      commandId: `say-${++this.#commands}`,
      actorKind: 'account',
      actorId: random.pick(this.#ids),
      name: 'say',
      payload: { to, hops: random.integer(0, 3) },
      principal: { subject: 'tester' },
    };
    const partition = partitionOf(command.actorId, log.partitions.length);
    const client = log.handle(this.#client);
    for (let isStored = false; !isStored; ) {
      isStored = await client.append(partition, command.commandId, encodeCommand(command)).then(
        () => true,
        () => false,
      );
      if (!isStored) await world.sleep(RETRY_MS);
    }
  }

  #strike(): void {
    const { world, log, snapshots } = this.#site;
    const { random } = world;
    if (this.#isHealed) return;
    const node = random.pick(this.#nodes);
    const service = random.pick([log, snapshots]);
    random.pick([
      () => node.process?.kill(),
      () => node.process?.kill(),
      () => node.retire(),
      () => {
        node.process?.pause();
        const { process } = node;
        world.after(random.integer(500, 9_000), () => process?.resume());
      },
      () => {
        node.isUsurper = true;
        world.after(random.integer(2_000, 15_000), () => {
          node.isUsurper = false;
        });
      },
      () => {
        service.isSilent = true;
        world.after(random.integer(100, 8_000), () => {
          service.isSilent = false;
        });
      },
    ])();
  }

  #revive(): void {
    if (this.#hasEnded) return;
    for (const node of this.#nodes) node.start();
    this.#site.world.after(700, () => this.#revive());
  }

  #heal(): void {
    const { world, log, snapshots, warehouse } = this.#site;
    this.#isHealed = true;
    world.stragglers = 0;
    for (const service of [log, snapshots, warehouse]) {
      service.odds = NOTHING_GOES_WRONG;
      service.isSilent = false;
    }
    for (const node of this.#nodes) {
      node.isUsurper = false;
      node.process?.resume();
    }
  }

  /**
   * Waits until nothing is said any more, and everything is saved. What lies in outboxes is no sign: an owner that
   * had slept may have put there again what others have sent, and it stays until somebody else takes over.
   */
  async #rest(): Promise<void> {
    const { world, log } = this.#site;
    const tails = (): string => log.partitions.map((_, index) => log.last(index)).join(' ');
    await world.sleep(4 * REST_MS);
    for (let before = ''; before !== tails(); ) {
      before = tails();
      await world.sleep(REST_MS);
    }
  }
}

function drawOdds(random: Random, severity: number): Odds {
  const draw = (): number => (random.chance(0.6) ? severity * random.next() : 0);
  return {
    refused: draw(),
    lost: draw(),
    late: random.next(),
    doubled: draw(),
    unanswered: draw(),
    fatal: draw() / 2,
  };
}
