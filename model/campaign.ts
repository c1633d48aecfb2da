/**
 * What the world outside the actor knows of a campaign: its definition, its views and the summary that
 * collectors and lists work with. The state itself belongs to `actors/campaign`.
 */

import type { Pacing } from './budget.ts';
import { currencyOfPlan } from './commission-plan.ts';
import { EVENT_TYPES } from './event.ts';
import type { FraudRule } from './fraud.ts';
import type { KpiThreshold } from './kpi-thresholds.ts';
import type { Money, MoneyJson } from './money.ts';
import type { Targeting } from './targeting.ts';
import type { Target } from './targets.ts';
import { currencyOfPrice, type Terms } from './terms.ts';

export const CAMPAIGN_TYPES = ['AFFILIATE', 'INFLUENCER', 'LOYALTY', 'B2B', 'MIXED'] as const;
export type CampaignType = (typeof CAMPAIGN_TYPES)[number];

export const CAMPAIGN_OBJECTIVES = [
  'SALES',
  'BRAND_AWARENESS',
  'ENGAGEMENT',
  'LEAD_GENERATION',
  'CONVERSION',
  'TRAFFIC',
] as const;
export type CampaignObjective = (typeof CAMPAIGN_OBJECTIVES)[number];

export const CAMPAIGN_STATUSES = [
  'DRAFT',
  'SCHEDULED',
  'ACTIVE',
  'PAUSED',
  'COMPLETED',
  'CANCELLED',
] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** What makes two clicks the same visitor's. `none`: every click counts. */
export const UNIQUENESS_KEYS = ['none', 'address', 'address_agent', 'cookie'] as const;
export type UniquenessKey = (typeof UNIQUENESS_KEYS)[number];

/** Which credentials a campaign demands of those who send events for it. */
export const KEY_POLICIES = ['open', 'write_key', 'signed'] as const;
export type KeyPolicy = (typeof KEY_POLICIES)[number];

/** What a cap may limit, and over which time. */
export const CAP_METRICS = ['impressions', 'clicks', 'conversions', 'spend', 'commission'] as const;
export type CapMetric = (typeof CAP_METRICS)[number];
export const CAP_PERIODS = ['day', 'month', 'total'] as const;
export type CapPeriod = (typeof CAP_PERIODS)[number];

/** A hard limit: what is beyond it is pending. */
export interface Cap {
  readonly metric: CapMetric;
  /** Days and months of the campaign's time zone. */
  readonly period: CapPeriod;
  /** Accepted events, or micros of spend or commission. */
  readonly limit: number;
}

/** `pending`: it goes on, and what it cannot pay for is pending. `pause`: it is paused. */
export const WHEN_EXHAUSTED = ['pending', 'pause'] as const;
export type WhenExhausted = (typeof WHEN_EXHAUSTED)[number];

/**
 * What a launch may need besides a budget. `dates`: an end that has not passed; without that need, an end that
 * had passed when the campaign was created does not end it.
 */
export const LAUNCH_NEEDS = ['landing_page_url', 'cost', 'dates', 'targeting', 'targets'] as const;
export type LaunchNeed = (typeof LAUNCH_NEEDS)[number];

/** What a launch needs unless said. Whom a campaign is for need not be said: then it is for everybody. */
const USUAL_NEEDS: readonly LaunchNeed[] = ['landing_page_url', 'cost', 'dates'];

/**
 * What a campaign may publish besides its changes: events of a type, one by one, and its figures, at the turn of
 * each minute in which they have changed.
 */
export const PUBLISHED_EVENTS = [...EVENT_TYPES, 'metrics'] as const;
export type PublishedEvent = (typeof PUBLISHED_EVENTS)[number];

/** Thresholds of a budget unless said. */
const USUAL_THRESHOLDS: readonly number[] = [50, 75, 90, 100];

export interface UniquenessRule {
  readonly key: UniquenessKey;
  /** Length of the windows, aligned to the epoch, within which a visitor's first click counts. */
  readonly windowMs: number;
}

/** What a campaign is created with. Everything but name and brand may follow later, before launch. */
export interface CampaignDefinition extends Terms {
  readonly brandId: string;
  /** The partner that runs it, within its permissions and limits; absent: the brand itself. */
  readonly partnerId?: string;
  readonly name: string;
  readonly type: CampaignType;
  readonly objective: CampaignObjective;
  readonly landingPageUrl?: string;
  /** Where clicks go while the campaign does not run. */
  readonly fallbackUrl?: string;
  /** Hosts that `url=` may name besides the landing page's own. */
  readonly allowedHosts: readonly string[];
  /** Origins that may send events from web pages; empty: any. */
  readonly allowedOrigins: readonly string[];
  readonly budgetTotal?: Money;
  /** What may be spent on one day, by record time, in the currency of the total. */
  readonly budgetDaily?: Money;
  /** Shares of the total, in whole percent and in order, that are told when they are spent; see `thresholdsOf`. */
  readonly budgetThresholds?: readonly number[];
  /** What becomes of the campaign when the total has no room for another paid event; `pending` if absent. */
  readonly whenExhausted?: WhenExhausted;
  /** How fast the total may be spent; `asap` if absent. `even` needs `endsAt`. */
  readonly budgetPacing?: Pacing;
  /** At most one for each metric and period. */
  readonly caps?: readonly Cap[];
  /** IANA name of the time zone of the campaign's days; UTC if absent. */
  readonly timeZone?: string;
  readonly startsAt?: number;
  readonly endsAt?: number;
  /** What it is to reach. */
  readonly targets?: readonly Target[];
  /** Figures that are watched; each line once. */
  readonly kpiThresholds?: readonly KpiThreshold[];
  /** What is taken for a mark of fraud; `USUAL_FRAUD_RULE` if absent. */
  readonly fraud?: FraudRule;
  /** Whom it is for; fixed at the launch. */
  readonly targeting?: Targeting;
  readonly uniqueness: UniquenessRule;
  readonly keyPolicy: KeyPolicy;
  /** Public key of the campaign's pages and apps: may only send events. */
  readonly writeKey: string;
  /** Secrets that sign server events; several while they are rotated. */
  readonly secretKeys: readonly string[];
  /** What is published as domain events besides changes of the campaign; nothing if absent. */
  readonly publishedEvents?: readonly PublishedEvent[];
  /** Events a second and key; 0: no limit but the collector's own. */
  readonly rateLimit: number;
  /** What it needs to be launched besides a budget; see `launchNeedsOf`. */
  readonly launchNeeds?: readonly LaunchNeed[];
}

/** A campaign as management shows it. Times in milliseconds since the epoch. */
export interface CampaignView extends CampaignDefinition {
  readonly campaignId: string;
  readonly status: CampaignStatus;
  /** Changes with every command that changed the campaign. */
  readonly etag: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly statusReason?: string;
  readonly statusChangedBy?: string;
  /** Of a completed campaign. */
  readonly final?: FinalFigures;
  /** When each of the KPI thresholds was reached, in their order; `null`: it is not. */
  readonly kpiReachedAt?: readonly (number | null)[];
}

/** Figures as they stood when the campaign was completed; they change no more. */
export interface FinalFigures {
  readonly completedAt: number;
  readonly totals: TotalsJson;
}

/** What collectors and lists keep of every campaign: a replicated copy, fed by the actors. */
export interface CampaignSummary {
  readonly campaignId: string;
  /** Log sequence of the last change: an older summary never replaces a newer one. */
  readonly revision: number;
  readonly status: CampaignStatus;
  /** Whether the budget has no room for another paid event. */
  readonly exhausted: boolean;
  readonly brandId: string;
  readonly partnerId?: string;
  readonly name: string;
  readonly type: CampaignType;
  readonly createdAt: number;
  /** When it begins by itself, milliseconds since the epoch. */
  readonly startsAt?: number;
  readonly landingPageUrl?: string;
  readonly fallbackUrl?: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly uniqueness: UniquenessRule;
  readonly clickWindowMs: number;
  readonly keyPolicy: KeyPolicy;
  readonly writeKey: string;
  readonly secretKeys: readonly string[];
  readonly rateLimit: number;
}

/**
 * Whether a campaign may run at `time`, by what is known of it. One whose begin has come may: its actor makes
 * that known a moment later, and until then the actor alone can tell.
 */
export function mayRunAt({ status, startsAt }: CampaignSummary, time: number): boolean {
  return status === 'ACTIVE' || (status === 'SCHEDULED' && startsAt !== undefined && startsAt <= time);
}

/** The thresholds of a campaign's budget: whole percent, in order. */
export function thresholdsOf({ budgetThresholds = USUAL_THRESHOLDS }: CampaignDefinition): readonly number[] {
  return budgetThresholds;
}

/** What a campaign needs to be launched besides a budget. */
export function launchNeedsOf({ launchNeeds = USUAL_NEEDS }: CampaignDefinition): readonly LaunchNeed[] {
  return launchNeeds;
}

/** The currency of a campaign's money: that of its budget, else of its rates, else none yet. */
export function currencyOf({ budgetTotal, cost, commission }: CampaignDefinition): string | undefined {
  return budgetTotal?.currency ?? currencyOfPrice(cost) ?? currencyOfPlan(commission);
}

/** Whether a cap is an amount, and not a number of events. */
export function isAmountCap(metric: CapMetric): metric is 'spend' | 'commission' {
  return metric === 'spend' || metric === 'commission';
}

/** Counts and amounts of a campaign or of one of its slices. Amounts in micros of the campaign's currency. */
export interface Totals {
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  pending: number;
  impressions: number;
  clicks: number;
  uniqueClicks: number;
  conversions: number;
  revenueMicros: bigint;
  spendMicros: bigint;
  commissionMicros: bigint;
}

/** Totals as JSON carries them: counts, then amounts as decimal text, in the order of `Totals`. */
export type TotalsJson = readonly [
  received: number,
  accepted: number,
  duplicates: number,
  rejected: number,
  pending: number,
  impressions: number,
  clicks: number,
  uniqueClicks: number,
  conversions: number,
  revenueMicros: string,
  spendMicros: string,
  commissionMicros: string,
];

export function totalsToJson(t: Totals): TotalsJson {
  return [
    t.received,
    t.accepted,
    t.duplicates,
    t.rejected,
    t.pending,
    t.impressions,
    t.clicks,
    t.uniqueClicks,
    t.conversions,
    t.revenueMicros.toString(),
    t.spendMicros.toString(),
    t.commissionMicros.toString(),
  ];
}

export function totalsFromJson(json: TotalsJson): Totals {
  return {
    received: json[0],
    accepted: json[1],
    duplicates: json[2],
    rejected: json[3],
    pending: json[4],
    impressions: json[5],
    clicks: json[6],
    uniqueClicks: json[7],
    conversions: json[8],
    revenueMicros: BigInt(json[9]),
    spendMicros: BigInt(json[10]),
    commissionMicros: BigInt(json[11]),
  };
}

/** Totals of nothing. */
export function emptyTotals(): Totals {
  return {
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    pending: 0,
    impressions: 0,
    clicks: 0,
    uniqueClicks: 0,
    conversions: 0,
    revenueMicros: 0n,
    spendMicros: 0n,
    commissionMicros: 0n,
  };
}

/** A campaign's live figures; includes every event answered before the query. */
export interface CampaignMetrics extends Totals {
  readonly campaignId: string;
  readonly currency: string;
  /** Record time of the last record the actor has seen, milliseconds since the epoch. */
  readonly asOf: number;
  readonly targets?: readonly Target[];
}

export type { Money, MoneyJson };
