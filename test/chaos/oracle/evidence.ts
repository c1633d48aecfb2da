/** What the oracle judges: what clients sent and heard, and what the system says and has stored. */
import type { CampaignPlan } from '../load/campaigns.ts';
import type { SentCommand } from '../load/commander.ts';
import type { Ledger } from '../load/ledger.ts';
import type { Figures } from '../load/management-clients.ts';
import type { MoneyEvidence } from './money-rows.ts';

/** A row of the table of decided events. */
export interface DecidedRow {
  readonly partition: number;
  readonly sequence: string;
  readonly row: number;
  readonly campaignId: string;
  readonly eventId: string;
  /** 1 impression, 2 click, 3 conversion. */
  readonly type: number;
  readonly reason: number;
  readonly valueMicros: bigint;
  readonly spendMicros: bigint;
  readonly clickId: string;
  /** Milliseconds since the epoch. */
  readonly recordTime: number;
}

/** A row of the table of domain events: something that has happened to a campaign. */
export interface HappenedRow {
  readonly campaignId: string;
  readonly sequence: bigint;
  readonly id: string;
  readonly type: string;
}

export interface Evidence {
  readonly campaigns: readonly CampaignPlan[];
  readonly ledger: Ledger;
  /** Commands to the campaign that is paused and resumed. */
  readonly commands: readonly SentCommand[];
  readonly rows: Iterable<DecidedRow>;
  readonly happened: readonly HappenedRow[];
  /** Sums by campaign, of the aggregates themselves. */
  readonly aggregates: ReadonlyMap<string, Figures>;
  /** By campaign: live, as each management process tells them. */
  readonly live: ReadonlyMap<string, readonly Figures[]>;
  /** By campaign: as management reads them from the warehouse. */
  readonly stored: ReadonlyMap<string, Figures>;
  readonly money: MoneyEvidence;
}

export interface Verdict {
  /** Different events with a decision in the warehouse. */
  readonly counted: number;
  /** Events that were answered, and are not counted. */
  readonly lost: number;
  /** How often events were counted beyond once. */
  readonly doubled: number;
  /** Micros spent beyond caps. */
  readonly overspent: bigint;
  readonly violations: readonly string[];
}
