/** What others see of a partner's state. */
import type { PartnerCampaigns, PartnerSummary, PartnerView } from '../../model/partner.ts';
import type { PartnerState } from './state.ts';

/** The partner as management shows it. */
export function viewOf(state: PartnerState): PartnerView {
  return {
    ...state.definition,
    partnerId: state.partnerId,
    validationStatus: state.validationStatus,
    ...(state.contractId !== undefined && { contractId: state.contractId }),
    etag: String(state.version),
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    updatedBy: state.updatedBy,
    activeCampaigns: state.slots.length,
    associatedCampaigns: state.campaigns.length,
    associatedContents: state.contents.length,
  };
}

/** The campaigns that it runs and is associated with. */
export function campaignsOf({ slots, campaigns }: PartnerState): PartnerCampaigns {
  return { slots: [...slots], associated: [...campaigns] };
}

/** What lists keep of the partner. */
export function summaryOf({ partnerId, revision, definition, createdAt }: PartnerState): PartnerSummary {
  return { partnerId, revision, kind: definition.kind, status: definition.status, createdAt };
}
