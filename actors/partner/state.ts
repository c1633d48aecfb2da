/** The state of a partner: a pure function of the log. */
import type {
  ContentAssociation,
  PartnerDefinition,
  PartnerView,
  Slot,
  ValidationStatus,
} from '../../model/partner.ts';
import type { RememberedAnswer } from '../remembered-answers.ts';

export interface PartnerState {
  readonly partnerId: string;
  definition: PartnerDefinition;
  validationStatus: ValidationStatus;
  contractId: string | undefined;
  /** Of limits that are given without one: its contract's. */
  currency: string;
  createdAt: number;
  updatedAt: number;
  updatedBy: string;
  /** Grows with every change of the partner itself: its etag. */
  version: number;
  /** Log sequence of the last change that lists must know of. */
  revision: number;
  /** As of when its parts hold, milliseconds since the epoch: what is older than that changes them no more. */
  readonly asOf: AsOf;
  /** Integration events that it has taken, oldest first, at most `limits.integrationEventIds`. */
  readonly eventIds: string[];
  /** Campaigns it is associated with, in the order of their association. */
  readonly campaigns: string[];
  /** What it brings them traffic with, in the order of association, at most `limits.contentsPerPartner`. */
  readonly contents: ContentAssociation[];
  /** In the order in which they were taken first. */
  slots: readonly Slot[];
  /** Oldest first, at most `limits.commandAnswers`. */
  readonly answers: RememberedAnswer<PartnerView>[];
}

export interface AsOf {
  /** Permissions and limits. */
  limits: number;
  contract: number;
  validation: number;
}

export function slotOf({ slots }: PartnerState, campaignId: string): Slot | undefined {
  return slots.find((slot) => slot.campaignId === campaignId);
}
