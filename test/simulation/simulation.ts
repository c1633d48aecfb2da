/** One seed, from its first request to the verdict. */

import { campaignOf } from '../../model/dead-letter.ts';
import { isCampaignSummary } from '../../model/summary.ts';
import { Random } from '../support/random.ts';
import { Chaos } from './chaos.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { Client } from './hosts/client.ts';
import { CollectorHost } from './hosts/collector.ts';
import { Management } from './hosts/management.ts';
import { NodeHost, type ToCluster } from './hosts/node.ts';
import { Treasurer } from './hosts/treasurer.ts';
import type { MoneyStorm } from './money-plan.ts';
import type { Mutant } from './mutant.ts';
import { check, type LiveCampaign } from './oracle/check.ts';
import { CommandBook } from './oracle/command-book.ts';
import { checkCredits } from './oracle/credits.ts';
import { checkDomainEvents } from './oracle/domain-events.ts';
import { Ledger } from './oracle/ledger.ts';
import { checkLetters, type LetterAtRest } from './oracle/letters.ts';
import { checkMoney, type MoneyEvidence } from './oracle/money.ts';
import { checkLive, checkSettled } from './oracle/observations.ts';
import { countedConversions, refundsOf } from './oracle/refunds.ts';
import { DedupServer } from './ports/dedup.ts';
import { EventBusServer } from './ports/event-bus.ts';
import { GatewayServer } from './ports/gateway.ts';
import { LogServer } from './ports/log.ts';
import { SnapshotServer } from './ports/snapshots.ts';
import { WarehouseServer } from './ports/warehouse.ts';
import { checkReplay } from './replay.ts';
import { type CampaignPlan, drawScenario, type Scenario } from './scenario.ts';
import type { Site } from './site.ts';
import { World } from './world.ts';

/** A world that has no faults any more must be at rest within this time. */
const DEADLINE_MS = 10 * 60_000;
/** Nothing that is due happens later than this. */
const REST_MS = 3_000;
/** Dates within this time are waited for. */
const SOON_MS = 2 * 60_000;
const DAY_MS = 86_400_000;
/** Share of the conversions of which the refund is asked for at the end. */
const PROBES = 0.15;

export interface Outcome {
  readonly seed: number;
  /** What was wrong, in the order found. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly events: number;
  readonly steps: number;
  readonly elapsedMs: number;
  /** What came of the money. */
  readonly covered: Coverage;
}

export interface SimulationOptions {
  readonly isTraced?: boolean;
  readonly mutant?: Mutant;
}

/** Runs a seed. The same seed always gives the same outcome. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, options);
  return simulation.run();
}

class Simulation {
  readonly #seed: number;
  readonly #scenario: Scenario;
  readonly #site: Site;
  readonly #collectors: readonly CollectorHost[];
  readonly #nodes: readonly NodeHost[];
  readonly #book: CommandBook;
  readonly #management: Management;
  readonly #treasurer: Treasurer;
  readonly #chaos: Chaos;
  #covered: Coverage = {};

  constructor(seed: number, { isTraced = false, mutant = {} }: SimulationOptions) {
    this.#seed = seed;
    this.#scenario = drawScenario(new Random(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995));
    const { startedAt, partitions, collectors, nodes, campaigns, mendedMs } = this.#scenario;
    const world = new World(seed, startedAt, isTraced);
    const unique = campaigns.filter(({ definition }) => definition.uniqueness.key !== 'none');
    const ledger = new Ledger(new Set(unique.map(({ campaignId }) => campaignId)));
    this.#site = {
      world,
      log: new LogServer(world, partitions),
      dedup: new DedupServer(world),
      snapshots: new SnapshotServer(world),
      warehouse: new WarehouseServer(world),
      bus: new EventBusServer(world),
      gateway: new GatewayServer(world),
      ledger,
      mutant,
      mendedAt: startedAt + mendedMs,
    };
    this.#site.log.stored = (partition, { sequence, data }) => ledger.stored(partition, sequence, data);
    this.#site.warehouse.sumsAggregates = mutant.sumsAggregates ?? false;
    this.#book = new CommandBook(ledger);
    this.#collectors = Array.from({ length: collectors }, (_, index) => new CollectorHost(this.#site, index));
    const hear = (message: ToCluster): void => this.#hear(message);
    this.#nodes = Array.from({ length: nodes }, (_, index) => new NodeHost(this.#site, index, hear));
    this.#management = new Management(this.#site, this.#nodes, this.#book);
    this.#treasurer = new Treasurer(this.#site, this.#management);
    this.#chaos = new Chaos(this.#site, this.#scenario, this.#collectors, this.#nodes);
  }

  async run(): Promise<Outcome> {
    const { world, ledger, warehouse, gateway } = this.#site;
    world.note('world', `seed ${this.#seed}: ${JSON.stringify(this.#scenario)}`);
    try {
      await world.drive(this.#script(), this.#scenario.faultsMs + DEADLINE_MS);
    } catch (error) {
      ledger.fail(
        error instanceof Error
          ? error.name === 'Violation'
            ? error.message
            : `${error.stack}`
          : String(error),
      );
    }
    const violations = [...warehouse.violations, ...gateway.violations, ...ledger.violations].map(
      ({ message }) => message,
    );
    return {
      seed: this.#seed,
      violations: [...new Set(violations)],
      trace: world.trace ?? [],
      events: ledger.events.size,
      steps: world.steps,
      elapsedMs: world.elapsed,
      covered: this.#covered,
    };
  }

  async #script(): Promise<void> {
    const { world, mendedAt } = this.#site;
    const { campaigns, faultsMs, money } = this.#scenario;
    this.#chaos.start();
    const work = [...campaigns.map((plan) => this.#manage(plan)), ...this.#clients().map((c) => c.run())];
    await this.#storm(faultsMs, money.first, work);
    if (money.sleepMs > 0) {
      world.leap(money.sleepMs);
      this.#chaos.storm(money.secondMs);
      await this.#storm(money.secondMs, money.second, []);
    }
    const isMended = world.now >= mendedAt;
    await this.#management.replayLetters();
    await this.#refundSome();
    await this.#settle();
    await this.#judge(isMended);
    await checkReplay(this.#site);
  }

  /** Lets things go wrong for a while, and waits until everything has come to rest. */
  async #storm(durationMs: number, asked: MoneyStorm, work: readonly Promise<void>[]): Promise<void> {
    const observation = this.#observe(this.#site.world.elapsed + durationMs);
    const payments = this.#treasurer.run(asked);
    await this.#site.world.sleep(durationMs);
    this.#chaos.heal();
    await Promise.all([...work, observation, payments]);
    await this.#settle();
  }

  /** Asks once more for the refund of some conversions: those that were not refunded must be, and no others. */
  async #refundSome(): Promise<void> {
    const { ledger, warehouse, world } = this.#site;
    const { decided_events: decided, domain_events: told } = warehouse.rows;
    for (const [place, { campaignId, name, event }] of countedConversions(ledger, decided)) {
      if (!world.random.chance(PROBES)) continue;
      const wasRefunded = refundsOf(told, campaignId).placed.has(place);
      const { transactionId, click, goal = '' } = event;
      const { answer } = await this.#treasurer.refund(
        campaignId,
        name,
        transactionId === undefined ? { clickId: click?.clickId ?? '', goal } : { transactionId },
      );
      const code = answer.ok ? 'ok' : answer.failure.code;
      if (code !== (wasRefunded ? 'already_exists' : 'ok'))
        ledger.fail(`${name} of ${campaignId} was ${wasRefunded ? '' : 'not '}refunded, and then: ${code}`);
    }
  }

  /** Asks for what there is, ends everything, and compares it all. */
  async #judge(isMended: boolean): Promise<void> {
    const { world, ledger, log, warehouse, bus, gateway, mendedAt } = this.#site;
    const { campaigns } = this.#scenario;
    const live = await this.#ask();
    const accounts = await this.#treasurer.accounts();
    const payouts = await this.#treasurer.views();
    this.#chaos.end();
    const { rows } = warehouse;
    const { decided_events: decided, credits, domain_events: domainEvents } = rows;
    const aggregates = warehouse.finalAggregates();
    const { now } = world;
    check({
      ledger,
      book: this.#book,
      decided,
      domainEvents,
      aggregates,
      plans: campaigns,
      live,
      mendedAt,
      now,
    });
    const letters = await this.#lettersAtRest();
    checkLetters({ ledger, decided, domainEvents, letters, live, isMended });
    checkCredits(ledger, decided, credits);
    const { published } = bus;
    checkDomainEvents({ ledger, rows: domainEvents, decided, published, plans: campaigns, live });
    const { payouts: askedPayouts, refunds: askedRefunds } = this.#treasurer;
    const entries = rows.ledger_entries;
    const evidence: MoneyEvidence = {
      ledger,
      log,
      gateway,
      entries,
      decided,
      credits,
      domainEvents,
      plans: campaigns,
      accounts,
      payouts,
      askedPayouts,
      askedRefunds,
      now,
    };
    checkMoney(evidence);
    this.#covered = coverageOf(evidence);
  }

  #clients(): Client[] {
    const { clients, campaigns, eventsPerClient, trafficMs, poison } = this.#scenario;
    const campaignIds = campaigns.map(({ campaignId }) => campaignId);
    return Array.from(
      { length: clients },
      (_, index) =>
        new Client(index, {
          site: this.#site,
          collectors: this.#collectors,
          campaignIds,
          events: eventsPerClient,
          trafficMs,
          poison,
        }),
    );
  }

  /** Creates a campaign and leads it through its life. */
  async #manage({ campaignId, definition, commands }: CampaignPlan): Promise<void> {
    const { world } = this.#site;
    const actor = { kind: 'campaign', id: campaignId } as const;
    await this.#management.execute(actor, 'create', definition);
    for (const { name, payload = {}, afterMs } of commands) {
      await world.sleep(afterMs);
      await this.#management.execute(actor, name, payload);
    }
  }

  /** Looks at live figures and at the warehouse while things go wrong. */
  async #observe(untilMs: number): Promise<void> {
    const { world, ledger, log, warehouse } = this.#site;
    const { random } = world;
    while (world.elapsed < untilMs) {
      await world.sleep(random.integer(100, 2_000));
      if (random.chance(0.4)) {
        const partition = random.integer(0, log.partitions.length - 1);
        const sequence = log.last(partition);
        await this.#management.settled(partition, sequence);
        checkSettled(ledger, warehouse.rows.decided_events, partition, sequence);
        continue;
      }
      if (random.chance(0.1)) {
        await this.#management.replayLetters();
        continue;
      }
      if (random.chance(0.2)) {
        await this.#treasurer.look();
        continue;
      }
      const delivery = ledger.latestDelivery();
      if (delivery && random.chance(0.5)) {
        const decision = await this.#management.decision(delivery);
        if (decision) ledger.decided(delivery, decision.outcome);
        continue;
      }
      const { campaignId, definition } = random.pick(this.#scenario.campaigns);
      const received = ledger.receivedOf(campaignId);
      const metrics = await this.#management.query(campaignId, 'metrics');
      checkLive(ledger, campaignId, metrics, received, definition.budgetTotal?.micros);
    }
  }

  async #lettersAtRest(): Promise<LetterAtRest[]> {
    const kept = await this.#management.letters();
    return kept
      .filter(({ letter }) => letter.kind === 'EVENT')
      .map(({ letter, replay }) => ({
        id: letter.id,
        campaignId: campaignOf(letter) ?? '',
        isReplayed: replay !== undefined,
      }));
  }

  #hear(message: ToCluster): void {
    if (message.kind !== 'summary') {
      this.#management.hear(message);
      return;
    }
    const { world } = this.#site;
    const { summary } = message;
    if (!isCampaignSummary(summary)) return;
    for (const collector of this.#collectors) world.after(world.latency(), () => collector.put(summary));
  }

  /** Waits until everything in the log is in the warehouse and nothing more comes by itself. */
  async #settle(): Promise<void> {
    const { log, world } = this.#site;
    const lastDate = datesOf(this.#scenario).findLast((date) => date < world.now + SOON_MS) ?? world.now;
    await world.sleep(Math.max(0, lastDate - world.now) + REST_MS);
    const tails = (): string => log.partitions.map((_, partition) => log.last(partition)).join(' ');
    for (let before = ''; before !== tails() || !(await this.#treasurer.isDone()); ) {
      before = tails();
      for (let partition = 0; partition < log.partitions.length; partition++)
        await this.#management.settled(partition, log.last(partition));
      await world.sleep(REST_MS);
    }
  }

  async #ask(): Promise<Map<string, LiveCampaign>> {
    const live = new Map<string, LiveCampaign>();
    for (const { campaignId } of this.#scenario.campaigns) {
      const { targets: _, ...metrics } = (await this.#management.query(campaignId, 'metrics')) ?? {};
      const campaign = await this.#management.query(campaignId, 'campaign');
      live.set(campaignId, {
        metrics: 'received' in metrics ? metrics : undefined,
        status: campaign?.status,
        etag: campaign?.etag,
      });
    }
    return live;
  }
}

/** When something happens by itself: begins and ends of campaigns, and of the day; the earliest first. */
function datesOf({ campaigns, startedAt }: Scenario): number[] {
  const dates = campaigns.flatMap(({ definition: { startsAt, endsAt } }) => [startsAt, endsAt]);
  const midnight = Math.ceil(startedAt / DAY_MS) * DAY_MS;
  return [...dates.filter((date) => date !== undefined), midnight].sort((a, b) => a - b);
}
