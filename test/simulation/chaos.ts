/** What goes wrong in a world besides single requests: machines and services, at moments that the seed draws. */
import type { CollectorHost } from './hosts/collector.ts';
import type { NodeHost } from './hosts/node.ts';
import type { Scenario } from './scenario.ts';
import { NOTHING_GOES_WRONG, type Service } from './service.ts';
import type { Site } from './site.ts';

/** How soon a machine that went down comes back, at the latest. */
const RESTART_MS = 3_000;
/** A collector that sleeps holds requests, which must not come into the log after they are forgotten. */
const COLLECTOR_PAUSE_MS = 4_000;
const NODE_PAUSE_MS = 20_000;

export class Chaos {
  readonly #site: Site;
  readonly #scenario: Scenario;
  readonly #collectors: readonly CollectorHost[];
  readonly #nodes: readonly NodeHost[];
  #isOver = false;
  #hasEnded = false;

  constructor(
    site: Site,
    scenario: Scenario,
    collectors: readonly CollectorHost[],
    nodes: readonly NodeHost[],
  ) {
    this.#site = site;
    this.#scenario = scenario;
    this.#collectors = collectors;
    this.#nodes = nodes;
  }

  /** Starts all machines, and lets things go wrong. */
  start(): void {
    const { world, log, snapshots, gateway } = this.#site;
    const { skewMs, gaps, trims, forgets, isAtomic, faultsMs, money } = this.#scenario;
    log.gaps = gaps;
    log.trims = trims;
    log.forgets = forgets;
    snapshots.isAtomic = isAtomic;
    gateway.behaviour = money.gateway;
    world.skewMs = skewMs;
    this.storm(faultsMs);
    this.#revive();
  }

  /** Lets things go wrong for a while, until they are healed. */
  storm(durationMs: number): void {
    const { world, log, dedup, snapshots, warehouse, bus, gateway } = this.#site;
    const { odds, stragglers, lostMessages, incidents } = this.#scenario;
    this.#isOver = false;
    log.odds = odds.log;
    dedup.odds = odds.dedup;
    snapshots.odds = odds.snapshots;
    warehouse.odds = odds.warehouse;
    bus.odds = odds.bus;
    gateway.odds = odds.gateway;
    world.stragglers = stragglers;
    world.lostMessages = lostMessages;
    for (let i = 0; i < incidents; i++)
      world.after(world.random.integer(0, durationMs), () => {
        if (!this.#isOver) this.#strike();
      });
  }

  /** Ends everything that goes wrong: from now on nothing does. */
  heal(): void {
    const { world, log, dedup, snapshots, warehouse, bus, gateway } = this.#site;
    world.note('world', 'HEALED');
    this.#isOver = true;
    world.stragglers = 0;
    world.lostMessages = 0;
    for (const service of [log, dedup, snapshots, warehouse, bus, gateway]) {
      service.odds = NOTHING_GOES_WRONG;
      service.isDown = false;
      service.isSilent = false;
    }
    for (const node of this.#nodes) node.isUsurper = false;
    for (const host of this.#hosts()) host.process?.resume();
  }

  /** Kills everything, for good. */
  end(): void {
    this.#hasEnded = true;
    for (const host of this.#hosts()) host.process?.kill();
  }

  #hosts(): (CollectorHost | NodeHost)[] {
    return [...this.#collectors, ...this.#nodes];
  }

  /** Brings back, after a while, whatever has died. */
  #revive(): void {
    const { world } = this.#site;
    const start = (host: CollectorHost | NodeHost): void => {
      if (!this.#hasEnded) host.start();
    };
    const check = (): void => {
      for (const host of this.#hosts())
        if (!host.process?.isAlive) world.after(world.random.integer(0, RESTART_MS), () => start(host));
      world.after(500, check);
    };
    for (const host of this.#hosts()) host.start();
    world.after(500, check);
  }

  #strike(): void {
    const { world, dedup } = this.#site;
    const { random } = world;
    const incidents: (() => void)[] = [
      () => random.pick(this.#collectors).process?.kill(),
      () => random.pick(this.#nodes).process?.kill(),
      () => random.pick(this.#nodes).process?.kill(),
      () => random.pick(this.#nodes).retire(),
      () => random.pick(this.#nodes).retire(),
      () => {
        for (const host of this.#hosts()) host.process?.kill();
      },
      () => this.#pause(random.pick(this.#collectors), COLLECTOR_PAUSE_MS),
      () => this.#pause(random.pick(this.#nodes), NODE_PAUSE_MS),
      () => this.#pause(random.pick(this.#nodes), NODE_PAUSE_MS),
      () => this.#usurp(random.pick(this.#nodes)),
      () => this.#usurp(random.pick(this.#nodes)),
      () => dedup.forgetAll(),
      () => dedup.forgetAll(),
      () => this.#outage(dedup, 10_000),
      () => this.#outage(this.#site.log, 14_000),
      () => this.#appendRubbish(),
      () => this.#outage(this.#site.snapshots, 6_000),
      () => this.#outage(this.#site.bus, 15_000),
      () => this.#outage(this.#site.gateway, 15_000),
      () => this.#outage(this.#site.warehouse, 4_000),
      () => this.#outage(this.#site.warehouse, 25_000),
      () => this.#outage(this.#site.warehouse, 25_000),
    ];
    random.pick(incidents)();
  }

  #pause(host: CollectorHost | NodeHost, mostMs: number): void {
    const { process } = host;
    if (!process) return;
    process.pause();
    const { world } = this.#site;
    world.after(world.random.integer(100, mostMs), () => process.resume());
  }

  /** Two owners at a time: the node works every partition, whoever has its lease. */
  #usurp(node: NodeHost): void {
    const { world } = this.#site;
    world.note(node.name, 'USURPS');
    node.isUsurper = true;
    world.after(world.random.integer(2_000, 15_000), () => {
      node.isUsurper = false;
    });
  }

  /** Appends a record that nobody can read. */
  #appendRubbish(): void {
    const { world, log } = this.#site;
    const rubbish = world.random.pick([Uint8Array.of(9, 9, 9), Buffer.from('\u0002{"half')]);
    log.append(world.random.integer(0, log.partitions.length - 1), `rubbish-${world.steps}`, rubbish);
  }

  #outage(service: Service, mostMs: number): void {
    const { world } = this.#site;
    const isSilent = world.random.chance(0.4);
    world.note(service.name, isSilent ? 'SILENT' : 'DOWN');
    if (isSilent) service.isSilent = true;
    else service.isDown = true;
    world.after(world.random.integer(100, mostMs), () => {
      world.note(service.name, 'BACK');
      service.isSilent = false;
      service.isDown = false;
    });
  }
}
