/** What happens in a world, drawn from its seed: how large it is, what its campaigns are, what goes wrong. */
import { ATTRIBUTION_MODELS, type AttributionRule } from '../../model/attribution.ts';
import type { CampaignDefinition, UniquenessKey } from '../../model/campaign.ts';
import type { Money } from '../../model/money.ts';
import type { Random } from '../support/random.ts';
import { drawCommission, drawMoney, type MoneyPlan } from './money-plan.ts';
import type { Odds } from './service.ts';

export interface CampaignPlan {
  readonly campaignId: string;
  readonly definition: CampaignDefinition;
  /** Commands after its creation, with the milliseconds before each. */
  readonly commands: readonly {
    readonly name: string;
    readonly payload?: object;
    readonly afterMs: number;
  }[];
}

/** Payload of `record_spend`. */
export interface ReportedSpend {
  readonly amount: Money;
  readonly reference: string;
}

export interface Scenario {
  readonly startedAt: number;
  readonly partitions: number;
  readonly collectors: number;
  readonly nodes: number;
  readonly clients: number;
  readonly campaigns: readonly CampaignPlan[];
  /** Events of each client. */
  readonly eventsPerClient: number;
  /** How long clients begin new events, in milliseconds. */
  readonly trafficMs: number;
  /** How long things go wrong. */
  readonly faultsMs: number;
  /** Incidents: killed, paused, cut-off machines, services that are down. */
  readonly incidents: number;
  readonly odds: Readonly<Record<'log' | 'dedup' | 'snapshots' | 'warehouse' | 'bus' | 'gateway', Odds>>;
  readonly isAtomic: boolean;
  readonly stragglers: number;
  readonly lostMessages: number;
  /** How far clocks are off, at most. */
  readonly skewMs: number;
  readonly gaps: number;
  readonly trims: number;
  /** How often the log has forgotten a batch of messages that comes again. */
  readonly forgets: number;
  /** How often an event is one whose handling fails. */
  readonly poison: number;
  /** After how long it is mended. */
  readonly mendedMs: number;
  readonly money: MoneyPlan;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 5, 1, 12);
const USD = 'USD';

/** Draws a scenario. */
export function drawScenario(random: Random): Scenario {
  const startedAt = drawStart(random);
  const trafficMs = (random.chance(0.2) ? random.integer(30, 75) : random.integer(4, 25)) * SECOND;
  const severity = random.pick([0, 0.02, 0.05, 0.12]);
  const faultsMs = trafficMs + random.integer(0, 15) * SECOND;
  const campaigns = Array.from({ length: random.integer(1, 4) }, (_, index) =>
    drawCampaign(random, `c${index}`, startedAt, trafficMs),
  );
  return {
    startedAt,
    partitions: random.pick([1, 2, 2]),
    collectors: random.integer(1, 3),
    nodes: random.integer(1, 3),
    clients: random.integer(1, 3),
    campaigns,
    eventsPerClient: random.integer(5, 60),
    trafficMs,
    faultsMs,
    incidents: random.pick([0, 2, 4, 8, 14]),
    odds: {
      log: drawOdds(random, severity),
      dedup: drawOdds(random, severity),
      // A commit of several steps asks often.
      snapshots: drawOdds(random, severity / 4),
      warehouse: drawOdds(random, severity),
      bus: drawOdds(random, severity),
      gateway: drawOdds(random, random.pick([0, 0.5, 1])),
    },
    isAtomic: random.chance(0.3),
    stragglers: random.pick([0, 0.01, 0.05]),
    lostMessages: random.pick([0, 0.05]),
    skewMs: random.pick([0, 200, 3_000]),
    gaps: random.pick([0, 0, 0.2]),
    trims: random.pick([0, 0.05]),
    forgets: random.pick([0.2, 1]),
    poison: random.pick([0, 0, 0, 0.05]),
    mendedMs: random.integer(0, trafficMs),
    money: drawMoney(
      random,
      campaigns.map(({ campaignId }) => campaignId),
      faultsMs,
    ),
  };
}

/** Now and then shortly before midnight, or before an hour is full: then holds end. */
function drawStart(random: Random): number {
  const soon = random.integer(5, 25) * SECOND;
  const offset = random.integer(0, 60 * SECOND);
  if (random.chance(0.15)) return NOON + DAY / 2 - soon + offset;
  return random.chance(0.4) ? NOON + HOUR - soon : NOON + offset;
}

function drawOdds(random: Random, severity: number): Odds {
  const draw = (): number => (random.chance(0.5) ? severity * random.next() : 0);
  return {
    refused: draw(),
    lost: draw(),
    late: random.next(),
    doubled: draw(),
    unanswered: draw(),
    fatal: draw() / 2,
  };
}

function drawAttribution(random: Random): AttributionRule {
  return {
    model: random.pick(ATTRIBUTION_MODELS),
    halfLifeMs: random.integer(1, 20) * SECOND,
    viewWindowMs: random.pick([0, 5, 60]) * SECOND,
    minimumMs: random.pick([0, 0, 2]) * SECOND,
  };
}

function drawCampaign(
  random: Random,
  campaignId: string,
  startedAt: number,
  trafficMs: number,
): CampaignPlan {
  const model = random.pick(['CPM', 'CPC', 'CPA'] as const);
  const unitMicros = random.pick([1_000, 333_000, 500_000]);
  const rateMicros = model === 'CPM' ? unitMicros * 1_000 : unitMicros;
  const paid = random.chance(0.6) ? random.integer(1, 25) : 10_000;
  const budgetMicros = paid * unitMicros + random.integer(0, unitMicros - 1);
  const isScheduled = random.chance(0.2);
  const until = startedAt + trafficMs;
  const uniqueness = random.pick<UniquenessKey>(['none', 'none', 'address']);
  const commission = drawCommission(random);
  const definition: CampaignDefinition = {
    brandId: 'brand',
    name: campaignId,
    type: 'AFFILIATE',
    objective: 'TRAFFIC',
    landingPageUrl: 'https://shop.example/',
    allowedHosts: [],
    allowedOrigins: [],
    budgetTotal: { micros: budgetMicros, currency: USD },
    ...(random.chance(0.2)
      ? { budgetDaily: { micros: random.integer(1, 15) * unitMicros, currency: USD } }
      : {}),
    cost: { model, rate: { micros: rateMicros, currency: USD } },
    ...(commission && { commission }),
    ...(isScheduled ? { startsAt: startedAt + random.integer(0, trafficMs) } : {}),
    ...(random.chance(0.2) ? { endsAt: until + random.integer(-5, 20) * SECOND } : {}),
    uniqueness: { key: uniqueness, windowMs: random.integer(3, 30) * SECOND },
    clickWindowMs: random.chance(0.5) ? 30 * DAY : random.integer(1, 20) * SECOND,
    ...(random.chance(0.8) && { attribution: drawAttribution(random) }),
    keyPolicy: 'open',
    writeKey: `wk_${campaignId}`,
    secretKeys: [],
    rateLimit: 0,
  };
  const commands: { name: string; payload?: object; afterMs: number }[] = [
    { name: isScheduled ? 'schedule' : 'activate', afterMs: random.integer(0, 500) },
  ];
  if (random.chance(0.3)) {
    commands.push({ name: 'pause', afterMs: random.integer(500, trafficMs) });
    commands.push({ name: 'resume', afterMs: random.integer(500, 5_000) });
  }
  if (random.chance(0.3)) {
    const payload = { ...definition, name: `${campaignId} by another name` };
    commands.splice(random.integer(1, commands.length), 0, {
      name: 'update',
      payload,
      afterMs: random.integer(0, 5_000),
    });
  }
  for (let spends = random.chance(0.35) ? random.integer(1, 3) : 0; spends > 0; spends--)
    commands.splice(random.integer(1, commands.length), 0, {
      name: 'record_spend',
      payload: drawSpend(random, unitMicros),
      afterMs: random.integer(0, 4_000),
    });
  if (random.chance(0.15)) commands.push({ name: 'complete', afterMs: random.integer(2_000, trafficMs) });
  return { campaignId, definition, commands };
}

/** Reported spend; two of one reference are one. */
function drawSpend(random: Random, unitMicros: number): ReportedSpend {
  return {
    amount: { micros: random.integer(1, 4 * unitMicros), currency: USD },
    reference: random.pick(['poster', 'radio']),
  };
}
