/** The contents of a partner: creatives and posts with which it brings traffic to campaigns. */
import { limits } from '../../limits.ts';
import type { GivenCommand as Given } from '../given.ts';
import { announceContent } from './announce.ts';
import { type CommandOutcome, refuse, succeed } from './outcome.ts';
import { addAssociation } from './registration.ts';
import type { PartnerState } from './state.ts';

export interface ContentRequest {
  readonly campaignId: string;
  readonly contentId: string;
}

/** Associates a content with the partner and a campaign, and the two with each other; once is enough. */
export function associateContent(state: PartnerState, given: Given): CommandOutcome {
  const { command, time, announce } = given;
  const { campaignId, contentId } = command.payload as ContentRequest;
  const isKnown = state.contents.some(
    (content) => content.campaignId === campaignId && content.contentId === contentId,
  );
  if (isKnown) return succeed(state);
  if (state.contents.length >= limits.contentsPerPartner)
    return refuse(state, {
      code: 'failed_precondition',
      message: `a partner can be associated with ${limits.contentsPerPartner} contents at most`,
    });
  const refusal = addAssociation(state, campaignId, given);
  if (refusal) return refuse(state, refusal);
  state.contents.push({ campaignId, contentId, at: time });
  announceContent(campaignId, contentId, command.principal.subject, announce);
  return succeed(state);
}
