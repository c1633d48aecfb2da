/** What a partner makes known when something happens to it. */
import { moneyJson } from '../../model/money.ts';
import type { PartnerLimits, PartnerPermissions } from '../../model/partner.ts';
import type { Announce } from '../announcements.ts';
import type { PartnerState } from './state.ts';

export function announceRegistration(state: PartnerState, announce: Announce): void {
  const { name, kind, permissions, limits } = state.definition;
  announce('partner.registered', {
    name,
    kind,
    permissions: permissionsJson(permissions),
    limits: limitsJson(limits),
    by: state.updatedBy,
  });
}

/** @param changed parts of the partner that are other than before, as clients know them */
export function announceUpdate(state: PartnerState, changed: readonly string[], announce: Announce): void {
  const { status, permissions, limits } = state.definition;
  announce('partner.updated', {
    changed,
    status,
    validation_status: state.validationStatus,
    ...(state.contractId !== undefined && { contract_id: state.contractId }),
    permissions: permissionsJson(permissions),
    limits: limitsJson(limits),
    by: state.updatedBy,
  });
}

export function announceAssociation(campaignId: string, by: string, announce: Announce): void {
  announce('partner.associated', { campaign_id: campaignId, by });
}

export function announceContent(campaignId: string, contentId: string, by: string, announce: Announce): void {
  announce('content.associated', { campaign_id: campaignId, content_id: contentId, by });
}

function permissionsJson({ campaignCreation, advancedTargeting }: PartnerPermissions) {
  return { campaign_creation: campaignCreation, advanced_targeting: advancedTargeting };
}

function limitsJson({ dailyBudget, monthlyBudget, maxActiveCampaigns }: PartnerLimits) {
  return {
    ...(dailyBudget && { daily_budget_limit: moneyJson(dailyBudget.micros, dailyBudget.currency) }),
    ...(monthlyBudget && { monthly_budget_limit: moneyJson(monthlyBudget.micros, monthlyBudget.currency) }),
    ...(maxActiveCampaigns !== undefined && { max_active_campaigns: maxActiveCampaigns }),
  };
}
