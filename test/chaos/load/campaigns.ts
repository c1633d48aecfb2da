/** The campaigns of a run: each tests a promise of its own. */
import { partitionOf } from '../../../model/fingerprint.ts';

export type CostModel = 'CPM' | 'CPC' | 'CPA';

export interface CampaignPlan {
  readonly campaignId: string;
  readonly purpose: 'plain' | 'tight' | 'daily' | 'paused' | 'canary';
  readonly cost: CostModel;
  /** Price of one event that is paid for, in micros of a dollar. */
  readonly unitMicros: bigint;
  /** Hard cap on its spend, in micros. */
  readonly capMicros: bigint;
  /** Hard cap on its spend of a day, in micros. */
  readonly dailyCapMicros: bigint | undefined;
  /** What partners earn, if they do. */
  readonly commission: CommissionRate | undefined;
}

/** What each accepted event of a type earns. */
export interface CommissionRate {
  /** 1 impression, 2 click, 3 conversion. */
  readonly type: 1 | 2 | 3;
  /** Micros of an event, where it is not a share. */
  readonly unitMicros: bigint;
  /** Millionths of what a conversion is worth. */
  readonly sharePpm: bigint | undefined;
}

const CENT = 10_000n;
const DOLLAR = 100n * CENT;
const AMPLE = 10_000_000n * DOLLAR;
const CLICK = 25n * CENT;

/**
 * @param run distinguishes runs: part of every campaign id
 * @param room clicks that the tight budget, and the daily one, have room for
 */
export function planCampaigns(run: string, partitions: number, room: number): CampaignPlan[] {
  const plan = (
    name: string,
    purpose: CampaignPlan['purpose'],
    fields: Partial<CampaignPlan> = {},
  ): CampaignPlan => ({
    campaignId: `${run}-${name}`,
    purpose,
    cost: 'CPC',
    unitMicros: CLICK,
    capMicros: AMPLE,
    dailyCapMicros: undefined,
    commission: undefined,
    ...fields,
  });
  const capMicros = BigInt(room) * CLICK;
  return [
    plan('clicks', 'plain', { commission: { type: 2, unitMicros: CENT / 3n, sharePpm: undefined } }),
    // A price for a thousand impressions: two dollars.
    plan('views', 'plain', {
      cost: 'CPM',
      unitMicros: (2n * DOLLAR) / 1_000n,
      commission: { type: 1, unitMicros: DOLLAR / 1_000n, sharePpm: undefined },
    }),
    plan('sales', 'plain', {
      cost: 'CPA',
      unitMicros: 5n * DOLLAR,
      commission: { type: 3, unitMicros: 0n, sharePpm: 33_333n },
    }),
    plan('tight', 'tight', { capMicros }),
    plan('daily', 'daily', { dailyCapMicros: capMicros }),
    plan('paused', 'paused'),
    ...canaryNames(run, partitions).map((name) => plan(name, 'canary')),
  ];
}

/** Names such that there is one in every partition, in the order of the partitions. */
function canaryNames(run: string, partitions: number): string[] {
  const names: (string | undefined)[] = new Array(partitions).fill(undefined);
  for (let number = 1, missing = partitions; missing > 0; number++) {
    const name = `canary-${number}`;
    const partition = partitionOf(`${run}-${name}`, partitions);
    if (names[partition] !== undefined) continue;
    names[partition] = name;
    missing--;
  }
  return names as string[];
}

/** What creates the campaign over REST. */
export function definitionOf(plan: CampaignPlan): object {
  const rate = plan.cost === 'CPM' ? plan.unitMicros * 1_000n : plan.unitMicros;
  return {
    campaign_id: plan.campaignId,
    brand_id: 'chaos',
    name: plan.campaignId,
    type: 'AFFILIATE',
    objective: 'SALES',
    landing_page_url: 'https://shop.example/landing',
    fallback_url: 'https://shop.example/over',
    budget: {
      total: dollars(plan.capMicros),
      ...(plan.dailyCapMicros !== undefined && { daily: dollars(plan.dailyCapMicros) }),
    },
    cost: { model: plan.cost, rate: dollars(rate) },
    ...(plan.commission && { commission: commissionOf(plan.commission) }),
  };
}

/** Nothing is held: the run is over before the hour. */
function commissionOf({ type, unitMicros, sharePpm }: CommissionRate): object {
  const held = { hold_days: 0, flagged_hold_days: 0 };
  if (sharePpm !== undefined)
    return { model: 'PERCENTAGE', percent: String(Number(sharePpm) / 10_000), ...held };
  return type === 1
    ? { model: 'CPM', rate: dollars(unitMicros * 1_000n), ...held }
    : { model: 'CPC', rate: dollars(unitMicros), ...held };
}

function dollars(micros: bigint): { amount: string; currency: string } {
  const fraction = String(micros % 1_000_000n).padStart(6, '0');
  return { amount: `${micros / 1_000_000n}.${fraction}`, currency: 'USD' };
}
