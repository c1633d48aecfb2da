/** Changing what a campaign is: which parts may change when. */
import { limits } from '../../limits.ts';
import { type CampaignDefinition, type CampaignStatus, currencyOf } from '../../model/campaign.ts';
import type { FieldViolation } from '../../model/errors.ts';
import { formatMicros } from '../../model/money.ts';
import { announceBudget, announceTargeting, announceUpdate } from './announce.ts';
import { planDay } from './budget/budget-pace.ts';
import { committedMicros } from './budget/budget-room.ts';
import { capUseOf } from './budget/caps.ts';
import { endOfDay } from './calendar.ts';
import { kpiStateOf, lookAtKpis } from './kpi-state.ts';
import { missingForLaunch } from './launch.ts';
import { type CommandOutcome, type Given, markChanged, refuse, succeed } from './outcome.ts';
import { type CampaignState, zoneOf } from './state.ts';
import { canChangeTerms, termsOf, withPastTerms } from './terms.ts';

/** Parts of a definition as clients know them, in the order in which they are told. */
const FIELDS = {
  brandId: 'brand_id',
  partnerId: 'partner_id',
  name: 'name',
  type: 'type',
  objective: 'objective',
  landingPageUrl: 'landing_page_url',
  fallbackUrl: 'fallback_url',
  allowedHosts: 'allowed_hosts',
  allowedOrigins: 'allowed_origins',
  budgetTotal: 'budget.total',
  budgetDaily: 'budget.daily',
  budgetThresholds: 'budget.thresholds',
  whenExhausted: 'budget.when_exhausted',
  budgetPacing: 'budget.pacing',
  caps: 'caps',
  timeZone: 'time_zone',
  cost: 'cost',
  commission: 'commission',
  startsAt: 'starts_at',
  endsAt: 'ends_at',
  targets: 'targets',
  kpiThresholds: 'kpi_thresholds',
  fraud: 'fraud',
  targeting: 'targeting',
  uniqueness: 'uniqueness',
  clickWindowMs: 'click_window_seconds',
  attribution: 'attribution',
  keyPolicy: 'key_policy',
  launchNeeds: 'launch_needs',
  publishedEvents: 'published_events',
  rateLimit: 'rate_limit',
} as const satisfies Partial<Record<keyof CampaignDefinition, string>>;

/** What a running campaign has been judging by, and goes on judging by. */
const FIXED_AT_LAUNCH = ['type', 'objective', 'timeZone', 'startsAt', 'targeting', 'uniqueness'] as const;

/** What may be changed, and holds for what happens from then on. */
const TERMS = ['cost', 'commission', 'clickWindowMs', 'attribution'] as const;

/** Gives the campaign the definition of the payload. One that it has already changes nothing. */
export function update(state: CampaignState, given: Given): CommandOutcome {
  const { command, time, announce } = given;
  const { status } = state;
  if (status === 'COMPLETED' || status === 'CANCELLED')
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot change a campaign that is ${status}`,
      state: status,
    });
  const next = withOwnKeys(state, command.payload as CampaignDefinition);
  const changed = changedFields(state.definition, next);
  const missing =
    status === 'DRAFT' ? [] : missingForLaunch(next, status === 'SCHEDULED' ? status : 'ACTIVE', time);
  const refused = [...refusedChanges(state, next, time), ...missing];
  if (refused.length > 0)
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot change ${refused.map(({ field }) => field).join(', ')} of a campaign that is ${status}`,
      state: status,
      violations: refused,
    });
  if (changed.length > 0) {
    const hadBudget = state.definition.budgetTotal !== undefined;
    const { targeting } = state.definition;
    if (changesTerms(state, next)) state.pastTerms = withPastTerms(state, time);
    state.capUse = capUseOf(next, time, state.definition.caps, state.capUse);
    state.kpis = kpiStateOf(next, state.definition.kpiThresholds, state.kpis);
    state.definition = next;
    if (state.totals.accepted > 0 && changed.includes('kpi_thresholds')) lookAtKpis(state.kpis, time);
    if (changed.includes('time_zone')) state.today.endsAt = endOfDay(time, zoneOf(next));
    planDay(state);
    markChanged(state, given);
    announceUpdate(state, changed, command.principal.subject, announce);
    if (!hadBudget) announceBudget(state, announce);
    if (changed.includes('targeting'))
      announceTargeting(state, targeting, command.principal.subject, announce);
  }
  return succeed(state);
}

/** The definition that a command asks for, with the keys that the campaign has already. */
function withOwnKeys(state: CampaignState, asked: CampaignDefinition): CampaignDefinition {
  const { writeKey, secretKeys } = state.definition;
  return {
    ...asked,
    writeKey,
    secretKeys: secretKeys.length > 0 ? secretKeys : asked.secretKeys,
  };
}

/** The parts in which two definitions differ, as clients know them. */
function changedFields(from: CampaignDefinition, to: CampaignDefinition): string[] {
  return Object.entries(FIELDS)
    .filter(([part]) => !isSame(from[part as keyof typeof FIELDS], to[part as keyof typeof FIELDS]))
    .map(([, field]) => field);
}

/**
 * Why a campaign cannot be changed like that now.
 *
 * @param time record time, milliseconds since the epoch
 */
function refusedChanges(state: CampaignState, next: CampaignDefinition, time: number): FieldViolation[] {
  const { definition, status, totals } = state;
  const refused: FieldViolation[] = [];
  const refuse = (field: string, description: string): void => void refused.push({ field, description });
  if (next.brandId !== definition.brandId) refuse('brand_id', 'cannot be changed');
  if (next.partnerId !== definition.partnerId) refuse('partner_id', 'cannot be changed');
  if (isLaunched(status)) {
    for (const part of FIXED_AT_LAUNCH)
      if (!isSame(next[part], definition[part])) refuse(FIELDS[part], 'cannot be changed after the launch');
    if (next.cost?.model !== definition.cost?.model)
      refuse('cost.model', 'cannot be changed after the launch');
    if (changesTerms(state, next) && !canChangeTerms(state, time))
      for (const part of TERMS)
        if (!isSame(next[part], definition[part]))
          refuse(
            FIELDS[part],
            `cannot be changed more often than ${limits.termVersions} times in 30 days, nor when the commission ` +
              `plans of that time have ${limits.pastPlanBytes} bytes`,
          );
  }
  const currency = currencyOf(definition);
  const committed = committedMicros(state);
  const allocated = state.budget.allocations.length > 0 ? 'allocated or ' : '';
  const hasMoney = committed > 0n || totals.revenueMicros > 0n;
  if ((isLaunched(status) || hasMoney) && currencyOf(next) !== currency)
    refuse('budget.total.currency', `cannot be changed from ${currency}`);
  else if (committed > BigInt(next.budgetTotal?.micros ?? 0))
    refuse(
      'budget.total.amount',
      `must be at least what is ${allocated}spent already, ${formatMicros(committed, currency ?? 'USD')}`,
    );
  if (next.endsAt !== definition.endsAt && next.endsAt !== undefined && next.endsAt <= time)
    refuse('ends_at', 'must be in the future');
  return refused;
}

/** Whether a change is one of the terms that events have been judged by. */
function changesTerms({ definition, status }: CampaignState, next: CampaignDefinition): boolean {
  return isLaunched(status) && !isSame(termsOf(definition), termsOf(next));
}

function isLaunched(status: CampaignStatus): boolean {
  return status === 'ACTIVE' || status === 'PAUSED';
}

/** Definitions are plain JSON, and their parts are small. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
