/** What a campaign makes known when something happens to it. */
import { type CampaignStatus, currencyOf } from '../../model/campaign.ts';
import type { EventLetter } from '../../model/dead-letter.ts';
import { reasonName } from '../../model/decision.ts';
import type { DomainEventType } from '../../model/domain-event.ts';
import { type FiguresJson, figuresJson } from '../../model/figures-json.ts';
import type { KpiThreshold } from '../../model/kpi-thresholds.ts';
import { moneyJson } from '../../model/money.ts';
import type { Targeting } from '../../model/targeting.ts';
import { targetingJson } from '../../model/targeting-json.ts';
import type { Announce } from '../announcements.ts';
import type { CampaignState } from './state.ts';

export function announceCreation(state: CampaignState, announce: Announce): void {
  const { definition, statusChangedBy } = state;
  const { brandId, partnerId, name, type, objective } = definition;
  announce('campaign.created', {
    brand_id: brandId,
    ...(partnerId !== undefined && { partner_id: partnerId }),
    name,
    type,
    objective,
    by: statusChangedBy,
  });
  announceBudget(state, announce);
  if (definition.targeting) announceTargeting(state, undefined, statusChangedBy, announce);
}

/** Whom the campaign is for, which nothing says any more if it was taken away, and whom it was for before. */
export function announceTargeting(
  { definition: { targeting } }: CampaignState,
  previous: Targeting | undefined,
  by: string | undefined,
  announce: Announce,
): void {
  announce('campaign.targeting_configured', {
    ...(targeting && { targeting: targetingJson(targeting) }),
    ...(previous && { previous_targeting: targetingJson(previous) }),
    by,
  });
}

/** The budget, if the campaign has one now. */
export function announceBudget({ definition }: CampaignState, announce: Announce): void {
  const { budgetTotal, budgetDaily } = definition;
  if (budgetTotal)
    announce('budget.created', {
      total: moneyJson(budgetTotal.micros, budgetTotal.currency),
      ...(budgetDaily && { daily: moneyJson(budgetDaily.micros, budgetDaily.currency) }),
    });
}

/** @param changed parts of the definition that are other than before, as clients know them */
export function announceUpdate(
  state: CampaignState,
  changed: readonly string[],
  by: string,
  announce: Announce,
): void {
  announce('campaign.updated', { changed, by, metrics: figuresOf(state) });
}

/** The figures as they are now. */
export function announceMetrics(state: CampaignState, announce: Announce): void {
  announce('campaign.metrics_updated', { metrics: figuresOf(state) });
}

/** A new status: what it was before, who changed it and why, and the figures at that moment. */
export function announceStatus(state: CampaignState, previous: CampaignStatus, announce: Announce): void {
  const { status, statusReason, statusChangedBy } = state;
  announce(typeOf(status, previous), {
    status,
    previous_status: previous,
    ...(statusReason !== undefined && { reason: statusReason }),
    by: statusChangedBy,
    metrics: figuresOf(state),
  });
}

/** @param percent of the total budget that is spent now */
export function announceThreshold(state: CampaignState, percent: number, announce: Announce): void {
  const { budgetTotal } = state.definition;
  if (!budgetTotal) return;
  const { currency, micros } = budgetTotal;
  announce('budget.threshold_reached', {
    percent,
    total: moneyJson(micros, currency),
    spend: moneyJson(state.totals.spendMicros, currency),
  });
}

export function announceExhaustion(state: CampaignState, announce: Announce): void {
  const { budgetTotal } = state.definition;
  if (!budgetTotal) return;
  const { currency, micros } = budgetTotal;
  announce('budget.exhausted', {
    total: moneyJson(micros, currency),
    spend: moneyJson(state.totals.spendMicros, currency),
  });
}

/** An event that could not be processed, and the letter that keeps it. */
export function announceFailure(letter: EventLetter, announce: Announce): void {
  const { id, eventId, type, reason, error } = letter;
  announce('tracking.failed', {
    letter_id: id,
    event_id: eventId,
    event_type: type,
    reason: reasonName(reason),
    error,
  });
}

/** @param actual the figure that has reached the threshold */
export function announceKpi(
  state: CampaignState,
  { metric, when, value, severity, action }: KpiThreshold,
  actual: number,
  announce: Announce,
): void {
  announce('kpi.threshold_reached', {
    metric,
    when,
    threshold_value: value,
    actual_value: actual,
    severity,
    action,
    metrics: figuresOf(state),
  });
}

function typeOf(status: CampaignStatus, previous: CampaignStatus): DomainEventType {
  switch (status) {
    case 'DRAFT':
      return 'campaign.created';
    case 'SCHEDULED':
      return 'campaign.scheduled';
    case 'ACTIVE':
      return previous === 'PAUSED' ? 'campaign.resumed' : 'campaign.activated';
    case 'PAUSED':
      return 'campaign.paused';
    case 'COMPLETED':
      return 'campaign.completed';
    case 'CANCELLED':
      return 'campaign.cancelled';
  }
}

function figuresOf({ totals, definition }: CampaignState): FiguresJson {
  return figuresJson(totals, currencyOf(definition) ?? 'USD');
}
