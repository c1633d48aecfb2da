/**
 * Identify: which event it is, of which campaign, and whether its sender may have it counted there.
 */
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import { verifyClickId } from '../model/click-id.ts';
import { REASONS } from '../model/decision.ts';
import { EventType } from '../model/event.ts';
import { FIELD } from '../model/event-batch.ts';
import { ACCESS_MESSAGES, type Access } from './access.ts';
import { mintEventId } from './event-id.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { overloaded } from './problem.ts';
import type { Arrival } from './submission.ts';

/** A collector that has just begun may not know the newest campaigns: their events must not be told to be nobody's. */
export const NOT_KNOWN_YET = overloaded(
  'campaigns cannot be looked up at the moment: send the request again, with the same event ids',
);

export interface IdentityOptions {
  readonly directory: CampaignDirectory;
  /** Secrets that click ids may have been minted with. */
  readonly clickSecrets: readonly Uint8Array[];
}

/** Gives `event` its id, type and campaign. It has a campaign afterwards if it may be counted. */
export function identify(event: IncomingEvent, arrival: Arrival, options: IdentityOptions): void {
  if (!event.isReadable) return;
  if (event.eventId === undefined) event.set(FIELD.eventId, mintEventId());
  if (!event.hasType) {
    if (arrival.defaultType !== undefined) event.type = arrival.defaultType;
    else event.refuse(REASONS.invalid_event, 'type is missing: send impression, click or conversion');
  }
  if (arrival.campaignId !== undefined) event.set(FIELD.campaignId, arrival.campaignId);
  // A click gets a click id of its own.
  if (event.type === EventType.click) event.remove(FIELD.clickId);
  else readClickId(event, options.clickSecrets);
  findCampaign(event, arrival, options.directory);
}

function readClickId(event: IncomingEvent, secrets: readonly Uint8Array[]): void {
  const clickId = event.get(FIELD.clickId);
  if (clickId === undefined) return;
  const click = verifyClickId(secrets, clickId);
  if (click === undefined) {
    event.refuse(REASONS.click_id_invalid, 'click_id was not minted here: send back the one of the click');
    return;
  }
  if (event.campaignId === undefined) event.set(FIELD.campaignId, click.campaignId);
  else if (event.campaignId !== click.campaignId)
    event.refuse(REASONS.click_id_foreign, 'click_id belongs to a click of another campaign');
  if (event.partnerId === undefined && click.partnerId !== '') event.set(FIELD.partnerId, click.partnerId);
}

function findCampaign(event: IncomingEvent, arrival: Arrival, directory: CampaignDirectory): void {
  const { campaignId } = event;
  if (campaignId === undefined) {
    event.refuse(REASONS.invalid_event, 'campaign_id is missing: name the campaign');
    return;
  }
  const campaign = directory.get(campaignId);
  if (campaign === undefined) {
    if (directory.mayLack(campaignId)) throw NOT_KNOWN_YET;
    event.refuse(REASONS.unknown_campaign, 'no campaign has this id: check campaign_id');
    return;
  }
  const access: Access = arrival.credentials.access(campaign, event.writeKey);
  if (access === 'granted' || access === 'trusted') {
    event.campaign = campaign;
    event.isTrusted = access === 'trusted';
  } else {
    // Whatever else is wrong with it: its sender learns nothing of a campaign that is not open to it.
    event.overrule(REASONS.not_authorised, ACCESS_MESSAGES[access]);
    event.denial = access;
  }
}
