/** A small story for tests of the oracle: events with their answers, and the rows and figures that belong to them. */
import { type CampaignPlan, planCampaigns } from '../load/campaigns.ts';
import type { SentCommand } from '../load/commander.ts';
import { type Answer, type EventFacts, Ledger } from '../load/ledger.ts';
import type { Figures } from '../load/management-clients.ts';
import { check } from './check.ts';
import type { DecidedRow, Evidence, HappenedRow, Verdict } from './evidence.ts';
import type { MoneyEvidence } from './money-rows.ts';

const TYPES = { impression: 1, click: 2, conversion: 3 } as const;
const PAID = { CPM: 1, CPC: 2, CPA: 3 } as const;
const NAMES = ['', 'impressions', 'clicks', 'conversions'] as const;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class Story {
  readonly ledger = new Ledger();
  /** In one partition; the tight budget has room for two clicks. */
  readonly campaigns: readonly CampaignPlan[] = planCampaigns('run', 1, 2);
  readonly rows: Mutable<DecidedRow>[] = [];
  readonly commands: SentCommand[] = [];
  readonly happened: HappenedRow[] = [];
  /** Adds to what the live figures tell, or to the aggregates. */
  readonly liveExtra = new Map<string, Partial<Figures>>();
  readonly aggregateExtra = new Map<string, Partial<Figures>>();
  readonly money: Mutable<MoneyEvidence> = {
    earned: [],
    refunds: [],
    entries: [],
    accounts: new Map(),
    payouts: new Map(),
    transfers: [],
    askedPayouts: [],
    askedRefunds: [],
  };
  #events = 0;

  constructor() {
    for (const { campaignId } of this.campaigns) {
      this.happen(campaignId, 'campaign.created');
      this.happen(campaignId, 'campaign.activated');
    }
  }

  /** Something has happened to a campaign. */
  happen(campaignId: string, type: string): void {
    const sequence = BigInt(this.happened.length + 1);
    this.happened.push({ campaignId, sequence, id: `${campaignId}-${sequence}`, type });
  }

  campaign(name: string): CampaignPlan {
    return this.campaigns.find(({ campaignId }) => campaignId.endsWith(`-${name}`)) as CampaignPlan;
  }

  /** An event that is sent once and answered, at `at`. */
  send(
    campaign: string,
    type: EventFacts['type'],
    { answer = { told: 'accepted' }, at = 1_000, ...facts }: SendOptions = {},
  ): EventFacts {
    const event = {
      eventId: `event-${this.#events++}`,
      campaignId: this.campaign(campaign).campaignId,
      type,
      ...facts,
    };
    this.ledger.sending([event], at);
    this.ledger.answer(event, answer, at);
    return event;
  }

  /** A row with the decision on an event. */
  decide(event: EventFacts, reason = 100): Mutable<DecidedRow> {
    const plan = this.campaigns.find(({ campaignId }) => campaignId === event.campaignId) as CampaignPlan;
    const type = TYPES[event.type];
    const row: Mutable<DecidedRow> = {
      partition: 0,
      sequence: String(this.rows.length + 1),
      row: 0,
      campaignId: event.campaignId,
      eventId: event.eventId,
      type,
      reason,
      valueMicros: 0n,
      spendMicros: reason === 100 && type === PAID[plan.cost] ? plan.unitMicros : 0n,
      clickId: '',
      recordTime: 1_000,
    };
    this.rows.push(row);
    return row;
  }

  /** Sends an event and decides on it. */
  tell(campaign: string, type: EventFacts['type'], reason = 100, options: SendOptions = {}): EventFacts {
    const event = this.send(campaign, type, options);
    this.decide(event, reason);
    return event;
  }

  judge(): Verdict {
    const figures = (extra: ReadonlyMap<string, Partial<Figures>>): Map<string, Figures> =>
      new Map(
        this.campaigns.map(({ campaignId }) => [
          campaignId,
          { ...figuresOf(this.rows, campaignId), ...extra.get(campaignId) },
        ]),
      );
    const live = [...figures(this.liveExtra)].map(([id, one]) => [id, [one]] as const);
    const evidence: Evidence = {
      campaigns: this.campaigns,
      ledger: this.ledger,
      commands: this.commands,
      rows: this.rows,
      happened: this.happened,
      live: new Map(live),
      stored: figures(this.liveExtra),
      aggregates: figures(this.aggregateExtra),
      money: this.money,
    };
    return check(evidence);
  }
}

export interface SendOptions extends Partial<EventFacts> {
  readonly answer?: Answer;
  readonly at?: number;
}

function figuresOf(rows: readonly DecidedRow[], campaignId: string): Figures {
  const figures: Mutable<Figures> = {
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    pending: 0,
    impressions: 0,
    clicks: 0,
    conversions: 0,
    revenueMicros: 0n,
    spendMicros: 0n,
  };
  for (const row of rows.filter((one) => one.campaignId === campaignId)) {
    const outcome = (['accepted', 'duplicates', 'rejected', 'pending'] as const)[
      Math.floor(row.reason / 100) - 1
    ];
    figures.received++;
    figures[outcome ?? 'rejected']++;
    figures.spendMicros += row.spendMicros;
    if (row.reason === 100) figures[NAMES[row.type as 1 | 2 | 3]]++;
    if (row.reason === 100 && row.type === 3) figures.revenueMicros += row.valueMicros;
  }
  return figures;
}
