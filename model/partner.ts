/**
 * What the world outside the actor knows of a partner: who brings traffic and runs campaigns, what it may do,
 * and how much. The state itself belongs to `actors/partner`.
 */
import type { Money } from './money.ts';

export const PARTNER_KINDS = ['AFFILIATE', 'INFLUENCER', 'LOYALTY', 'B2B', 'AGENCY'] as const;
export type PartnerKind = (typeof PARTNER_KINDS)[number];

/** One that is suspended launches nothing; what runs already goes on. */
export const PARTNER_STATUSES = ['ACTIVE', 'SUSPENDED'] as const;
export type PartnerStatus = (typeof PARTNER_STATUSES)[number];

/** How far the partner's own data have been checked. */
export const VALIDATION_STATUSES = [
  'NOT_VALIDATED',
  'PARTIALLY_VALIDATED',
  'FULLY_VALIDATED',
  'REJECTED',
] as const;
export type ValidationStatus = (typeof VALIDATION_STATUSES)[number];

export interface PartnerPermissions {
  /** Whether it may create and launch campaigns. */
  readonly campaignCreation: boolean;
  /** Whether its campaigns may use advanced targeting: see `isAdvancedTargeting`. */
  readonly advancedTargeting: boolean;
}

/** Each may be absent: then there is no such limit. Amounts are of one currency. */
export interface PartnerLimits {
  /** The largest daily budget of one of its campaigns. */
  readonly dailyBudget?: Money;
  /** What all of its launched campaigns together may spend in a month. */
  readonly monthlyBudget?: Money;
  /** Campaigns that may be launched and not over at the same time. */
  readonly maxActiveCampaigns?: number;
}

/** What a partner is registered with, and what can be changed. */
export interface PartnerDefinition {
  readonly name: string;
  readonly kind: PartnerKind;
  readonly status: PartnerStatus;
  readonly permissions: PartnerPermissions;
  readonly limits: PartnerLimits;
}

/** A partner as management shows it. Times in milliseconds since the epoch. */
export interface PartnerView extends PartnerDefinition {
  readonly partnerId: string;
  readonly validationStatus: ValidationStatus;
  readonly contractId?: string;
  /** Changes with every change of the partner, but not with the campaigns that it runs. */
  readonly etag: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
  /** Campaigns that hold one of its slots, and those it is associated with. */
  readonly activeCampaigns: number;
  readonly associatedCampaigns: number;
  readonly associatedContents: number;
}

/** A creative or post with which a partner brings traffic to a campaign. */
export interface ContentAssociation {
  readonly campaignId: string;
  readonly contentId: string;
  /** When they were associated, milliseconds since the epoch. */
  readonly at: number;
}

/** The place of a launched campaign among those that its partner may run at the same time. */
export interface Slot {
  readonly campaignId: string;
  /** Its grant: the log sequence of the command that took it last. */
  readonly grant: number;
  /** When that was, milliseconds since the epoch. */
  readonly takenAt: number;
  /** What the campaign may spend in a month, at most. */
  readonly monthly?: Money;
}

/** Which campaigns a partner runs, and which it is associated with. */
export interface PartnerCampaigns {
  readonly slots: readonly Slot[];
  readonly associated: readonly string[];
}

/** What the command that takes a slot is answered. */
export interface SlotView extends PartnerView {
  readonly grant: number;
}

/** What lists keep of every partner. */
export interface PartnerSummary {
  readonly partnerId: string;
  /** Log sequence of the last change: an older summary never replaces a newer one. */
  readonly revision: number;
  readonly kind: PartnerKind;
  readonly status: PartnerStatus;
  readonly createdAt: number;
}

/** The currency of limits that name none. */
export const USUAL_CURRENCY = 'USD';

/** What a partner may do once it is fully validated, in whole units of its currency. */
export const FULLY_VALIDATED_LIMITS = Object.freeze({
  dailyBudget: 10_000,
  monthlyBudget: 100_000,
  maxActiveCampaigns: 10,
});
