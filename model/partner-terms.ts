/**
 * What a campaign is held to by the permissions and limits of the partner that runs it. One rule for all who
 * ask: management, when a campaign is created or changed, and the partner's actor, when it is launched.
 */
import type { CampaignDefinition } from './campaign.ts';
import type { FieldViolation } from './errors.ts';
import { formatMicros, type Money } from './money.ts';
import type { PartnerDefinition } from './partner.ts';
import type { Targeting } from './targeting.ts';

/** Days of the longest month. */
const DAYS = 31;

/** What of a campaign its partner's permissions and limits are about. */
export interface CampaignTerms {
  readonly daily?: Money;
  /** What it may spend in a month, at most; absent without a budget. */
  readonly monthly?: Money;
  readonly isAdvanced: boolean;
}

/** The fields of a partner that tell that there is no room for another campaign now. */
export const ROOM_FIELDS = {
  slots: 'partner.max_active_campaigns',
  monthly: 'partner.monthly_budget_limit',
} as const;

export function termsOf(definition: CampaignDefinition): CampaignTerms {
  const { budgetTotal, budgetDaily, targeting } = definition;
  return {
    ...(budgetDaily && { daily: budgetDaily }),
    ...(budgetTotal && { monthly: monthlyOf(definition, budgetTotal) }),
    isAdvanced: targeting !== undefined && isAdvancedTargeting(targeting),
  };
}

/** The least of its budget, its caps on spend, and 31 times what it may spend on one day. */
function monthlyOf({ budgetDaily, caps = [] }: CampaignDefinition, total: Money): Money {
  const bounds = [total.micros];
  if (budgetDaily) bounds.push(budgetDaily.micros * DAYS);
  for (const { metric, period, limit } of caps)
    if (metric === 'spend') bounds.push(period === 'day' ? limit * DAYS : limit);
  return { micros: Math.min(...bounds), currency: total.currency };
}

/** Parts of a targeting by behaviour, profession and audiences, and how to bid and how often to show. */
const ADVANCED_PARTS = [
  'behaviors',
  'customAudiences',
  'lookalikeAudiences',
  'jobTitles',
  'industries',
  'companySizes',
  'incomeRanges',
  'frequencyCap',
  'bidStrategy',
] as const satisfies readonly (keyof Targeting)[];

/** Whether a targeting has parts that are for partners with `advancedTargeting` only. */
export function isAdvancedTargeting(targeting: Targeting): boolean {
  return ADVANCED_PARTS.some((part) => targeting[part] !== undefined);
}

/** Whether a campaign on the `next` terms may do no more than on those it has `now`. */
export function isNoMore(next: CampaignTerms, now: CampaignTerms): boolean {
  const isAtMost = (one: Money | undefined, other: Money | undefined): boolean =>
    other === undefined || (one?.currency === other.currency && one.micros <= other.micros);
  return (
    isAtMost(next.daily, now.daily) &&
    isAtMost(next.monthly, now.monthly) &&
    (now.isAdvanced || !next.isAdvanced)
  );
}

/**
 * Why a partner may not run a campaign on these terms, whatever else it runs.
 *
 * @param isLaunch whether what a draft may still lack is missed
 */
export function refusedTerms(
  { status, permissions, limits }: Pick<PartnerDefinition, 'status' | 'permissions' | 'limits'>,
  terms: CampaignTerms,
  isLaunch: boolean,
): FieldViolation[] {
  const refused: FieldViolation[] = [];
  const refuse = (field: string, description: string): void => void refused.push({ field, description });
  if (status !== 'ACTIVE') refuse('partner_id', `names a partner that is ${status}: make it ACTIVE first`);
  if (!permissions.campaignCreation)
    refuse(
      'partner_id',
      'names a partner that may not run campaigns: activate its contract, or grant it campaign_creation',
    );
  if (terms.isAdvanced && !permissions.advancedTargeting)
    refuse(
      'targeting',
      'must do without behaviors, audiences, professional, frequency_cap and bid_strategy, or the partner be ' +
        'granted advanced_targeting',
    );
  const { dailyBudget, monthlyBudget } = limits;
  const currency = (dailyBudget ?? monthlyBudget)?.currency;
  if (currency !== undefined && terms.monthly && terms.monthly.currency !== currency) {
    refuse('budget.total.currency', `must be ${currency}, that of the partner's limits`);
    return refused;
  }
  if (dailyBudget) {
    const most = `at most ${amount(dailyBudget)}, the partner's daily_budget_limit`;
    if (!terms.daily) {
      if (isLaunch) refuse('budget.daily', `is required, ${most}`);
    } else if (terms.daily.micros > dailyBudget.micros)
      refuse('budget.daily', `must be ${most}: lower it, or have the limit raised`);
  }
  if (monthlyBudget && terms.monthly && terms.monthly.micros > monthlyBudget.micros)
    refuse(
      'budget.total',
      `must not let the campaign spend more than ${amount(monthlyBudget)} in a month, the partner's ` +
        'monthly_budget_limit: lower it or the daily budget, or have the limit raised',
    );
  return refused;
}

function amount({ micros, currency }: Money): string {
  return `${formatMicros(micros, currency)} ${currency}`;
}
