/** What a partner may be registered with, in the spelling of REST, and the definition that it stands for. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { moneyJson } from '../../../model/money.ts';
import {
  PARTNER_KINDS,
  PARTNER_STATUSES,
  type PartnerDefinition,
  type PartnerLimits,
} from '../../../model/partner.ts';
import { CAMPAIGN_ID_PATTERN } from '../campaigns/campaign-draft.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

/** Identifiers that a partner may have: those of campaigns. */
export const PARTNER_ID_PATTERN = CAMPAIGN_ID_PATTERN;

export const LimitsDraft = Type.Object(
  {
    daily_budget_limit: Type.Optional(MoneyDraft),
    monthly_budget_limit: Type.Optional(MoneyDraft),
    max_active_campaigns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.slotsPerPartner,
        description: 'Campaigns that may be scheduled, active or paused at the same time.',
        examples: [10],
      }),
    ),
  },
  {
    description:
      'What it may do at most: the largest daily budget of one of its campaigns, what all of its campaigns that are ' +
      'launched may together spend in a month, and how many they may be. What is absent is not limited. Both ' +
      'amounts have one currency.',
  },
);
export type LimitsDraft = Static<typeof LimitsDraft>;

export const PermissionsDraft = Type.Object(
  {
    campaign_creation: Type.Optional(
      Type.Boolean({
        description: 'Whether it may create and launch campaigns; an active contract grants it.',
      }),
    ),
    advanced_targeting: Type.Optional(
      Type.Boolean({
        description:
          'Whether its campaigns may be targeted by behaviors, audiences, profession, and have a frequency cap or a ' +
          'bid strategy; full validation grants it.',
      }),
    ),
  },
  { description: 'What it may do; nothing unless said.' },
);

export const PartnerDraft = Type.Object(
  {
    partner_id: Type.Optional(
      Type.String({ pattern: PARTNER_ID_PATTERN, description: 'Identifier; minted if absent.' }),
    ),
    name: Type.String({
      minLength: 1,
      maxLength: limits.nameLength,
      description: 'Name for people.',
      examples: ['Ana Torres'],
    }),
    kind: word(PARTNER_KINDS, 'Kind of partner.'),
    status: Type.Optional(
      word(
        PARTNER_STATUSES,
        'One that is suspended launches nothing; what runs goes on. Active unless said.',
      ),
    ),
    permissions: Type.Optional(PermissionsDraft),
    limits: Type.Optional(LimitsDraft),
  },
  { description: 'A partner to register. Unknown fields are ignored.' },
);
export type PartnerDraft = Static<typeof PartnerDraft>;

/**
 * The definition that a draft stands for.
 *
 * @throws TurnpikeError `invalid_argument` with everything that is wrong
 */
export function partnerDefinition(draft: PartnerDraft): PartnerDefinition {
  const violations = new Violations();
  const kind = wordOf(PARTNER_KINDS, draft.kind, 'kind', violations);
  const status = wordOf(PARTNER_STATUSES, draft.status ?? 'ACTIVE', 'status', violations);
  const name = plainText(draft.name, 'name', violations);
  const own = partnerLimits(draft.limits ?? {}, 'limits', violations);
  violations.refuse();
  const { campaign_creation = false, advanced_targeting = false } = draft.permissions ?? {};
  return {
    name,
    kind: kind as NonNullable<typeof kind>,
    status: status as NonNullable<typeof status>,
    permissions: { campaignCreation: campaign_creation, advancedTargeting: advanced_targeting },
    limits: own,
  };
}

/** @param field where they stand */
export function partnerLimits(draft: LimitsDraft, field: string, violations: Violations): PartnerLimits {
  const { daily_budget_limit: daily, monthly_budget_limit: monthly, max_active_campaigns: most } = draft;
  const dailyBudget = daily && moneyOf(daily, `${field}.daily_budget_limit`, violations);
  const monthlyBudget = monthly && moneyOf(monthly, `${field}.monthly_budget_limit`, violations);
  if (dailyBudget && monthlyBudget && dailyBudget.currency !== monthlyBudget.currency)
    violations.add(
      `${field}.monthly_budget_limit.currency`,
      `must be that of the daily limit, ${dailyBudget.currency}`,
    );
  return {
    ...(dailyBudget && { dailyBudget }),
    ...(monthlyBudget && { monthlyBudget }),
    ...(most !== undefined && { maxActiveCampaigns: most }),
  };
}

/** The draft that a partner could have been registered with. */
export function partnerDraftOf({ name, kind, status, permissions, limits: own }: PartnerDefinition) {
  const { dailyBudget, monthlyBudget, maxActiveCampaigns } = own;
  return {
    name,
    kind,
    status,
    permissions: {
      campaign_creation: permissions.campaignCreation,
      advanced_targeting: permissions.advancedTargeting,
    },
    limits: {
      ...(dailyBudget && { daily_budget_limit: moneyJson(dailyBudget.micros, dailyBudget.currency) }),
      ...(monthlyBudget && { monthly_budget_limit: moneyJson(monthlyBudget.micros, monthlyBudget.currency) }),
      ...(maxActiveCampaigns !== undefined && { max_active_campaigns: maxActiveCampaigns }),
    },
  };
}
