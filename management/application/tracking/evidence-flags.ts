/** What was noticed about an event, in words. */
import { EventFlag } from '../../../model/event.ts';

export const EVIDENCE_FLAGS = [
  'bot',
  'head_request',
  'clock_ahead',
  'uncertain_visitor',
  'data_centre',
  'too_fast',
  'self_referral',
  'flood',
] as const;
export type EvidenceFlag = (typeof EVIDENCE_FLAGS)[number];

export const FLAG_BITS: Readonly<Record<EvidenceFlag, number>> = {
  bot: EventFlag.bot,
  head_request: EventFlag.head,
  clock_ahead: EventFlag.clockAhead,
  uncertain_visitor: EventFlag.uncertain,
  data_centre: EventFlag.dataCentre,
  too_fast: EventFlag.tooFast,
  self_referral: EventFlag.selfReferral,
  flood: EventFlag.flood,
};
