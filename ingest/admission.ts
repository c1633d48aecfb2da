/**
 * Admit: completes an identified event and judges what the collector can judge.
 *
 * An event of a known campaign goes into the log in any case, refused ones with their verdict, so that
 * what a campaign received is the sum of what was said of it. Only events that no campaign would know
 * of, and those whose sender has no right to be counted, stay out.
 */
import { limits } from '../limits.ts';
import { type CampaignSummary, mayRunAt } from '../model/campaign.ts';
import { REASONS } from '../model/decision.ts';
import { EventFlag, EventType } from '../model/event.ts';
import { FIELD } from '../model/event-batch.ts';
import { partitionOf } from '../model/fingerprint.ts';
import { anonymise } from './address.ts';
import type { IncomingEvent } from './incoming-event.ts';
import type { Networks } from './networks.ts';
import { isRobot } from './robots.ts';
import type { Arrival } from './submission.ts';
import { visitorOf } from './visitor.ts';

const DAY_MS = 86_400_000;

export interface AdmissionOptions {
  readonly partitions: number;
  /** Networks whose impressions and clicks are flagged. */
  readonly dataCentres?: Networks;
}

/** Completes and judges `event`. It goes into the log if it has a partition afterwards. */
export function admit(event: IncomingEvent, arrival: Arrival, options: AdmissionOptions): void {
  const { campaign } = event;
  if (campaign === undefined) return;
  event.partition = partitionOf(campaign.campaignId, options.partitions);
  if (event.type !== EventType.conversion) {
    event.valueMicros = 0;
    event.remove(FIELD.currency);
  }
  placeInTime(event, arrival.receivedAt);
  describeOrigin(event, campaign, arrival, options.dataCentres);
  if (!mayRunAt(campaign, arrival.receivedAt))
    event.refuse(REASONS.campaign_not_active, `the campaign is ${campaign.status}`);
}

function placeInTime(event: IncomingEvent, now: number): void {
  const { sentAt } = event;
  event.occurredAt = now;
  if (sentAt < 0) return;
  if (sentAt > now + limits.clockSkewMs) {
    event.flags |= EventFlag.clockAhead;
    return;
  }
  event.occurredAt = sentAt;
  if (sentAt < now - limits.lateEventMs)
    event.refuse(REASONS.late, `timestamp is more than ${limits.lateEventMs / DAY_MS} days ago`);
}

/** Where it came from: as the request shows, unless the sender is trusted to say so itself. */
function describeOrigin(
  event: IncomingEvent,
  campaign: CampaignSummary,
  arrival: Arrival,
  dataCentres: Networks | undefined,
): void {
  const said = event.isTrusted ? event.testimony : undefined;
  if (said?.problem !== undefined) event.refuse(REASONS.invalid_event, said.problem);
  const address = said === undefined ? arrival.address : said.address;
  const agent = cutText(
    (said === undefined ? arrival.userAgent : said.userAgent) ?? '',
    limits.userAgentLength,
  );
  const referrer = said === undefined ? cutText(arrival.referrer, limits.urlLength) : said.referrer;
  if (address !== undefined) event.set(FIELD.ip, anonymise(address));
  if (agent !== '') event.set(FIELD.userAgent, agent);
  if (referrer) event.set(FIELD.referrer, referrer);
  if (said?.url !== undefined) event.set(FIELD.url, said.url);
  if (isRobot(agent)) event.flags |= EventFlag.bot;
  // Not of a conversion: the advertiser's server sends it.
  if (address !== undefined && event.type !== EventType.conversion && dataCentres?.has(address))
    event.flags |= EventFlag.dataCentre;
  if (arrival.exchange.method === 'HEAD') event.flags |= EventFlag.head;
  if (event.type === EventType.click)
    event.visitor = visitorOf(campaign.uniqueness.key, event, address, agent);
}

/** The first `length` UTF-16 units, or one less where that would cut a character in two. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const isHalf = (text.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? length - 1 : length);
}
