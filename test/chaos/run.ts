/** A run: the system under load, with faults as they come, and the oracle at its end. */
import { SeededRandom } from '../../cli/demo/random.ts';
import { type Fault, type Injected, Injector } from './faults/injector.ts';
import type { FaultKind } from './faults/kinds.ts';
import { Recoveries } from './faults/recoveries.ts';
import { launch, untilTaken } from './launch.ts';
import { type CampaignPlan, planCampaigns } from './load/campaigns.ts';
import { Canaries } from './load/canaries.ts';
import { CollectorClients } from './load/collector-clients.ts';
import { Commander } from './load/commander.ts';
import { Ledger } from './load/ledger.ts';
import { Load, USUAL_TIMEOUTS_MS } from './load/load.ts';
import { ManagementClients } from './load/management-clients.ts';
import { Payer } from './load/payer.ts';
import { loadRequest } from './load/requests.ts';
import { ServiceWatch } from './load/service.ts';
import { CAPPED_CLICK_SHARE, Traffic } from './load/traffic.ts';
import { check } from './oracle/check.ts';
import type { Verdict } from './oracle/evidence.ts';
import { type MoneyTotals, totalsOf } from './oracle/money.ts';
import { checkConservation, checkReplay } from './replay.ts';
import { settledEvidence } from './settle.ts';
import { ChaosSystem } from './system/system.ts';
import type { Topology } from './system/topology.ts';

export interface RunOptions {
  readonly seed: number;
  readonly topology: Topology;
  readonly eventsPerSecond: number;
  /** About how long the load will last, in milliseconds: the budgets are made for it. */
  readonly durationMs: number;
  /** How long clients wait for an answer, some this long and some that; the usual if not given. */
  readonly timeoutsMs?: readonly number[];
  /** Takes a line for people, now and then. */
  readonly tell: (line: string) => void;
}

/** Streams of the seed. */
const STREAM = { traffic: 1, commands: 2, payments: 4 } as const;
/** Of the clicks that would come if nothing failed: the budgets have room for these. */
const ROOM = 0.3;
const LEAST_ROOM = 20;
/** Events that are sent once more when everything has healed, and the commands. */
const REPEATED_COMMANDS = 8;
/** Clicks beyond the budget that are sent at once. */
const CLICKS_AT_ONCE = 40;

export class ChaosRun implements AsyncDisposable {
  readonly system: ChaosSystem;
  readonly ledger = new Ledger();
  readonly watch = new ServiceWatch(performance.now());
  readonly campaigns: readonly CampaignPlan[];
  readonly management: ManagementClients;
  readonly recoveries: Recoveries;
  /** What came of the payouts and refunds that were asked for. */
  money: MoneyTotals = { payouts: 0, succeeded: 0, refunds: 0 };
  readonly #options: RunOptions;
  readonly #room: number;
  readonly #collectors: CollectorClients;
  readonly #traffic: Traffic;
  readonly #load: Load;
  readonly #commander: Commander;
  readonly payer: Payer;
  readonly #injector: Injector;
  #isOver = false;
  #commands: Promise<unknown> = Promise.resolve();

  private constructor(system: ChaosSystem, options: RunOptions) {
    const { seed, eventsPerSecond, durationMs, topology } = options;
    this.system = system;
    this.#options = options;
    const run = `chaos-${seed.toString(36)}`;
    const clicks = (eventsPerSecond * CAPPED_CLICK_SHARE * durationMs) / 1_000;
    this.#room = Math.max(LEAST_ROOM, Math.round(clicks * ROOM));
    this.campaigns = planCampaigns(run, topology.partitions, this.#room);
    this.#traffic = new Traffic(run, this.campaigns, new SeededRandom(seed, STREAM.traffic));
    this.#collectors = new CollectorClients(this.#ingest, this.ledger, this.watch);
    this.management = new ManagementClients(system.of('management').map(({ http }) => http));
    const { timeoutsMs = USUAL_TIMEOUTS_MS } = options;
    this.#load = new Load(this.#collectors, this.#traffic, eventsPerSecond, timeoutsMs);
    this.#commander = new Commander(
      this.management,
      this.#campaign('paused').campaignId,
      new SeededRandom(seed, STREAM.commands),
      this.ledger,
    );
    this.payer = new Payer(
      this.management,
      this.campaigns,
      this.#traffic,
      new SeededRandom(seed, STREAM.payments),
      this.ledger,
    );
    this.#injector = new Injector(system, this.ledger);
    const canaries = new Canaries({
      campaigns: this.campaigns.filter(({ purpose }) => purpose === 'canary'),
      traffic: this.#traffic,
      collectors: this.#collectors,
      management: this.management,
      ledger: this.ledger,
    });
    this.recoveries = new Recoveries(canaries, this.ledger);
  }

  /** Starts the system and its campaigns; the load does not yet begin. */
  static async start(options: RunOptions): Promise<ChaosRun> {
    options.tell('starting the system');
    const system = await ChaosSystem.start(options.topology);
    const run = new ChaosRun(system, options);
    try {
      await launch(run.management, run.campaigns);
      await untilTaken(run.#ingest, run.campaigns, run.#traffic, run.ledger);
      return run;
    } catch (error) {
      system.isKept = true;
      await run[Symbol.asyncDispose]();
      throw new Error(`the system did not start; its logs are in ${system.logFolder}`, { cause: error });
    }
  }

  get #ingest(): string[] {
    return this.system.of('ingest').map(({ ingest }) => ingest);
  }

  /** Begins the load. */
  begin(): void {
    this.#options.tell('the load begins');
    this.watch.begin(performance.now());
    this.#load.start();
    const isOver = (): boolean => this.#isOver;
    this.#commands = Promise.all([this.#commander.run(isOver), this.payer.run(isOver)]);
  }

  /** Makes a fault happen, as soon as what it hits is free. @returns `undefined` if the run is over */
  async inject(kind: FaultKind, fault: Omit<Fault, 'kind'>): Promise<Injected | undefined> {
    const injected = await this.#injector.inject({ ...fault, kind });
    if (injected === undefined) return undefined;
    this.recoveries.begun(kind);
    return injected;
  }

  /** Heals everything, lets the clients come to an end, and judges. Of what cannot be judged, all is lost. */
  async finish(): Promise<Verdict> {
    this.#isOver = true;
    try {
      return await this.#judge();
    } catch (error) {
      const violations = [...this.ledger.complaints, `the system did not come to rest: ${String(error)}`];
      return { counted: 0, lost: this.ledger.answered, doubled: 0, overspent: 0n, violations };
    }
  }

  async #judge(): Promise<Verdict> {
    const { tell } = this.#options;
    tell('healing');
    await this.#injector.heal();
    await this.recoveries.settled();
    tell('waiting for the last answers');
    await this.#load.stop();
    this.watch.over(performance.now());
    await this.#commands;
    await this.#commander.repeatLatest(REPEATED_COMMANDS);
    await untilTaken(this.#ingest, [this.#campaign('paused')], this.#traffic, this.ledger);
    await this.#exhaust(this.#campaign('tight'));
    await this.#exhaust(this.#campaign('daily'));
    this.#noteCrashes();
    tell('waiting for the warehouse');
    const evidence = await settledEvidence(this, this.#commander.commands, this.payer);
    this.money = totalsOf(evidence.money);
    await checkConservation(this.campaigns, this.management, this.ledger);
    tell('replaying the log');
    await checkReplay(this.system, this.ledger);
    tell('judging');
    return check(evidence);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#injector.heal().catch(() => undefined);
    await Promise.all([this.#collectors.close(), this.management.close()]);
    await this.#commands.catch(() => undefined);
    await this.system[Symbol.asyncDispose]();
  }

  /** Whatever happens around a process, it goes on. */
  #noteCrashes(): void {
    for (const { name, crashes } of this.system.processes)
      for (const { code, signal } of crashes)
        this.ledger.complain(`${name} ended by itself with ${signal ?? `code ${code}`}`);
  }

  #campaign(purpose: CampaignPlan['purpose']): CampaignPlan {
    return this.campaigns.find((plan) => plan.purpose === purpose) as CampaignPlan;
  }

  /** Asks for more clicks than a budget has room for, if the load has not done so yet. */
  async #exhaust(plan: CampaignPlan): Promise<void> {
    for (;;) {
      const { pending } = await this.management.live(plan.campaignId);
      if (pending > 0) return;
      const clicks = Array.from({ length: CLICKS_AT_ONCE }, () => this.#traffic.eventOf(plan, 'click'));
      await this.#load.sendAll([loadRequest('array', clicks)]);
    }
  }
}
