/** The methods of `turnpike.v1.PartnerService`: thin over the application. */
import { TurnpikeError } from '../../../model/errors.ts';
import type { Money } from '../../../model/money.ts';
import {
  PARTNER_KINDS,
  PARTNER_STATUSES,
  type PartnerCampaigns as PartnerCampaignsView,
  type PartnerView,
} from '../../../model/partner.ts';
import type { Money as ProtoMoney } from '../../../proto/generated/turnpike/v1/money.ts';
import {
  type ListPartnersRequest,
  type Partner,
  type PartnerCampaigns,
  PartnerKind,
  type PartnerServiceServer,
  PartnerStatus,
  type UpdatePartnerRequest,
  ValidationStatus,
} from '../../../proto/generated/turnpike/v1/partner_service.ts';
import type { Accounts } from '../../application/accounts/accounts.ts';
import { checker } from '../../application/check.ts';
import { PartnerDraft } from '../../application/partners/partner-draft.ts';
import type { PartnerListQuery } from '../../application/partners/partner-list.ts';
import type { Partners } from '../../application/partners/partners.ts';
import { checkedPageSize } from '../../application/request.ts';
import { invalid, refuse, Violations } from '../../application/violations.ts';
import { wordOf as oneOf } from '../../application/words.ts';
import { contextOf } from '../context.ts';
import { decimalOf, inMessages, protoMoney } from '../money.ts';
import { named } from '../request.ts';
import { protoTimestamp } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { accountMethods } from './account-methods.ts';

const check = checker(PartnerDraft, 'partner');

export function partnerService(
  partners: Partners,
  accounts: Accounts,
  dependencies: UnaryDependencies,
): PartnerServiceServer {
  const partner = (partnerId: string): string => named(partnerId, 'partner_id');
  return {
    ...accountMethods(accounts, dependencies),
    registerPartner: unary(dependencies, 'RegisterPartner', async (request) => {
      const { partnerId, partner: asked, requestId } = request;
      const context = contextOf(requestId, '');
      return respelling(async () => {
        const draft = check({ ...(partnerId && { partner_id: partnerId }), ...fieldsOf(asked) });
        return protoPartner(await partners.register(draft, context));
      });
    }),
    getPartner: unary(dependencies, 'GetPartner', async ({ partnerId }) =>
      protoPartner(await partners.get(partner(partnerId))),
    ),
    listPartners: unary(dependencies, 'ListPartners', async (request) => {
      const page = await partners.list(listQueryOf(request));
      return { partners: page.partners.map(protoPartner), nextPageToken: page.nextPageToken ?? '' };
    }),
    updatePartner: unary(dependencies, 'UpdatePartner', async (request) => {
      const partnerId = named(request.partner?.id ?? '', 'partner.id');
      const context = contextOf(request.requestId, request.etag);
      return respelling(async () =>
        protoPartner(await partners.update(partnerId, patchOf(request), context)),
      );
    }),
    associatePartner: unary(dependencies, 'AssociatePartner', async ({ partnerId, campaignId, requestId }) =>
      protoPartner(await partners.associate(partner(partnerId), named(campaignId), contextOf(requestId, ''))),
    ),
    associateContent: unary(dependencies, 'AssociateContent', async (request) => {
      const context = contextOf(request.requestId, '');
      const { campaignId, contentId } = request;
      return protoPartner(
        await partners.associateContent(
          partner(request.partnerId),
          named(campaignId),
          named(contentId, 'content_id'),
          context,
        ),
      );
    }),
    listPartnerContents: unary(dependencies, 'ListPartnerContents', async (request) => {
      const { campaignId, pageToken } = request;
      const page = await partners.contents(partner(request.partnerId), {
        ...(campaignId && { campaignId }),
        pageSize: checkedPageSize(request.pageSize),
        ...(pageToken && { pageToken }),
      });
      return {
        contents: page.contents.map(({ at, ...content }) => ({
          ...content,
          associatedAt: protoTimestamp(at),
        })),
        nextPageToken: page.nextPageToken ?? '',
      };
    }),
    getPartnerCampaigns: unary(dependencies, 'GetPartnerCampaigns', async ({ partnerId }) =>
      protoCampaigns(await partners.campaigns(partner(partnerId))),
    ),
  };
}

function listQueryOf({ kind, status, pageSize, pageToken }: ListPartnersRequest): PartnerListQuery {
  const violations = new Violations();
  const kindWord = wordOf(PartnerKind, kind);
  const statusWord = wordOf(PartnerStatus, status);
  const kindFilter = kindWord && oneOf(PARTNER_KINDS, kindWord, 'kind', violations);
  const statusFilter = statusWord && oneOf(PARTNER_STATUSES, statusWord, 'status', violations);
  violations.refuse();
  return {
    filter: { ...(kindFilter && { kind: kindFilter }), ...(statusFilter && { status: statusFilter }) },
    pageSize: checkedPageSize(pageSize),
    ...(pageToken && { pageToken }),
  };
}

/** A partner in the spelling of drafts. */
function fieldsOf(partner: Partner | undefined): Record<string, unknown> {
  if (partner === undefined) refuse([{ field: 'partner', description: 'is required' }]);
  const { name, permissions, limits } = partner;
  const kind = wordOf(PartnerKind, partner.kind);
  const status = wordOf(PartnerStatus, partner.status);
  return {
    ...(name && { name }),
    ...(kind && { kind }),
    ...(status && { status }),
    ...(permissions && {
      permissions: {
        campaign_creation: permissions.campaignCreation,
        advanced_targeting: permissions.advancedTargeting,
      },
    }),
    ...(limits && {
      limits: {
        ...(limits.dailyBudgetLimit && { daily_budget_limit: moneyOf(limits.dailyBudgetLimit) }),
        ...(limits.monthlyBudgetLimit && { monthly_budget_limit: moneyOf(limits.monthlyBudgetLimit) }),
        ...(limits.maxActiveCampaigns !== 0 && { max_active_campaigns: limits.maxActiveCampaigns }),
      },
    }),
  };
}

/** UpdatePartner's request as a merge patch. */
function patchOf({ partner, updateMask = [] }: UpdatePartnerRequest): Record<string, unknown> {
  const fields = fieldsOf(partner);
  if (updateMask.length === 0) return fields;
  const patch: Record<string, unknown> = {};
  for (const path of updateMask) {
    const [name = '', member, ...deeper] = path.split('.');
    if (!(name in PartnerDraft.properties) || name === 'partner_id' || deeper.length > 0)
      refuse([{ field: 'update_mask', description: `cannot name ${path}` }]);
    const value = fields[name];
    if (member === undefined) patch[name] = wholly(name, value);
    else {
      const merged = (patch[name] ?? {}) as Record<string, unknown>;
      patch[name] = { ...merged, [member]: (value as Record<string, unknown> | undefined)?.[member] ?? null };
    }
  }
  return patch;
}

/** The patch that makes a field what it is to be, and leaves nothing of what it was. */
function wholly(name: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (name !== 'limits') return value;
  const nothing = { daily_budget_limit: null, monthly_budget_limit: null, max_active_campaigns: null };
  return { ...nothing, ...(value as object) };
}

function moneyOf(money: ProtoMoney): { amount: string; currency: string } {
  return { amount: decimalOf(money), currency: money.currencyCode };
}

/** What `work` gives, its faults named as requests name fields. */
async function respelling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'invalid_argument') throw error;
    const { violations = [] } = error.failure;
    throw invalid(
      violations.map((violation) => {
        if (['partner', 'partner_id', 'update_mask'].includes(violation.field)) return violation;
        const { field, description } = inMessages(violation);
        return { field: `partner.${field}`, description };
      }),
    );
  }
}

function protoPartner(view: PartnerView): Partner {
  const { permissions, limits } = view;
  return {
    id: view.partnerId,
    name: view.name,
    kind: PartnerKind[view.kind],
    status: PartnerStatus[view.status],
    validationStatus: ValidationStatus[view.validationStatus],
    contractId: view.contractId ?? '',
    permissions,
    limits: {
      dailyBudgetLimit: amountOf(limits.dailyBudget),
      monthlyBudgetLimit: amountOf(limits.monthlyBudget),
      maxActiveCampaigns: limits.maxActiveCampaigns ?? 0,
    },
    activeCampaigns: view.activeCampaigns,
    associatedCampaigns: view.associatedCampaigns,
    associatedContents: view.associatedContents,
    etag: view.etag,
    createdAt: protoTimestamp(view.createdAt),
    updatedAt: protoTimestamp(view.updatedAt),
    updatedBy: view.updatedBy,
  };
}

function protoCampaigns({ slots, associated }: PartnerCampaignsView): PartnerCampaigns {
  return {
    running: slots.map(({ campaignId, takenAt, monthly }) => ({
      campaignId,
      since: protoTimestamp(takenAt),
      monthlySpend: amountOf(monthly),
    })),
    associated: [...associated],
  };
}

function amountOf(money: Money | undefined): ProtoMoney | undefined {
  return money && protoMoney(money.micros, money.currency);
}
