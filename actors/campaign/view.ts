/** What others see of a campaign's state. */
import {
  type CampaignMetrics,
  type CampaignSummary,
  type CampaignView,
  currencyOf,
} from '../../model/campaign.ts';
import { type CampaignState, exhaustion } from './state.ts';

/** The campaign as management shows it. */
export function viewOf(state: CampaignState): CampaignView {
  return {
    ...state.definition,
    campaignId: state.campaignId,
    status: state.status,
    etag: String(state.version),
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    ...(state.statusReason === undefined ? {} : { statusReason: state.statusReason }),
    ...(state.statusChangedBy === undefined ? {} : { statusChangedBy: state.statusChangedBy }),
    ...(state.final === undefined ? {} : { final: state.final }),
    ...(state.kpis.reachedAt.length > 0 && { kpiReachedAt: [...state.kpis.reachedAt] }),
  };
}

/** The live figures. */
export function metricsOf(state: CampaignState, asOf: number): CampaignMetrics {
  return {
    ...state.totals.figures(),
    campaignId: state.campaignId,
    // A campaign without money yet has nothing but zeros to show.
    currency: currencyOf(state.definition) ?? 'USD',
    asOf,
    ...(state.definition.targets && { targets: state.definition.targets }),
  };
}

/** What collectors and lists keep of the campaign. */
export function summaryOf(state: CampaignState): CampaignSummary {
  const { definition } = state;
  return {
    campaignId: state.campaignId,
    revision: state.revision,
    status: state.status,
    exhausted: exhaustion(state) !== undefined,
    brandId: definition.brandId,
    ...(definition.partnerId === undefined ? {} : { partnerId: definition.partnerId }),
    name: definition.name,
    type: definition.type,
    createdAt: state.createdAt,
    ...(definition.startsAt === undefined ? {} : { startsAt: definition.startsAt }),
    ...(definition.landingPageUrl === undefined ? {} : { landingPageUrl: definition.landingPageUrl }),
    ...(definition.fallbackUrl === undefined ? {} : { fallbackUrl: definition.fallbackUrl }),
    allowedHosts: definition.allowedHosts,
    allowedOrigins: definition.allowedOrigins,
    uniqueness: definition.uniqueness,
    clickWindowMs: definition.clickWindowMs,
    keyPolicy: definition.keyPolicy,
    writeKey: definition.writeKey,
    secretKeys: definition.secretKeys,
    rateLimit: definition.rateLimit,
  };
}
