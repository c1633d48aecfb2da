/**
 * `GET /c/{campaign_id}`: counts a click and sends the visitor on. Only after the click is stored; and
 * whatever was wrong with the link, a visitor of a running campaign arrives at its landing page.
 */
import { mayRunAt } from '../../model/campaign.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { FIELD } from '../../model/event-batch.ts';
import { decodeQuery } from '../decode.ts';
import type { Exchange } from '../exchange.ts';
import { headerLines } from '../header-lines.ts';
import type { Route } from '../http-server.ts';
import { NOT_KNOWN_YET } from '../identity.ts';
import type { IncomingEvent } from '../incoming-event.ts';
import { Problem } from '../problem.ts';
import { readQuery } from '../query.ts';
import { allowedOverride, fillLandingPage, type MacroValues, withClickId } from '../redirect.ts';
import type { Submission } from '../submission.ts';
import { arrivalOf, NOT_STORED } from './arrival.ts';
import type { RouteContext } from './context.ts';

export const CLICK_PATH = '/c/';

const HEADERS = headerLines({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });

export function clickRoute(context: RouteContext): Route {
  const answer = ({ arrival: { exchange, receivedAt }, events, failed }: Submission): void => {
    const target = targetOf(events[0] as IncomingEvent, exchange.query, receivedAt);
    if (failed) exchange.refuse(NOT_STORED);
    else if (target === undefined) exchange.refuse(notRunning());
    else exchange.respond('302 Found', HEADERS + headerLines({ location: target }), '');
  };
  return {
    name: 'click',
    readsBody: false,
    handle(exchange) {
      const campaignId = campaignIdOf(exchange);
      if (campaignId !== undefined && context.directory.mayLack(campaignId)) throw NOT_KNOWN_YET;
      if (campaignId === undefined || context.directory.get(campaignId) === undefined)
        throw new Problem(404, 'no campaign has this id: check the link');
      const arrival = arrivalOf(exchange, context, { defaultType: EventType.click, campaignId });
      context.pipeline.receive(arrival, ({ events }) => decodeQuery(exchange.query, events), answer);
    },
  };
}

function campaignIdOf({ path }: Exchange): string | undefined {
  try {
    return decodeURIComponent(path.slice(CLICK_PATH.length));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Where the visitor goes, or `undefined`: nowhere. */
function targetOf(event: IncomingEvent, query: string, receivedAt: number): string | undefined {
  const { campaign } = event;
  if (campaign === undefined) return undefined;
  const { landingPageUrl, fallbackUrl } = campaign;
  if (!mayRunAt(campaign, receivedAt) || campaign.exhausted)
    return fallbackUrl === undefined ? undefined : fillLandingPage(fallbackUrl, macrosOf(event));
  const asked = overrideIn(query);
  const target =
    (asked === undefined ? undefined : allowedOverride(asked, campaign)) ??
    (landingPageUrl === undefined ? undefined : fillLandingPage(landingPageUrl, macrosOf(event)));
  const clickId = clickIdOf(event);
  return target === undefined || clickId === undefined ? target : withClickId(target, clickId);
}

/** The click's own id; a refused click has none. */
function clickIdOf(event: IncomingEvent): string | undefined {
  return event.type === EventType.click && event.reason !== REASONS.invalid_event
    ? event.get(FIELD.clickId)
    : undefined;
}

function overrideIn(query: string): string | undefined {
  let url: string | undefined;
  readQuery(query, (name, value) => {
    if (name === 'url') url ??= value;
  });
  return url;
}

function macrosOf(event: IncomingEvent): MacroValues {
  return {
    click_id: clickIdOf(event),
    campaign_id: event.campaignId,
    partner_id: event.partnerId,
    content_id: event.get(FIELD.contentId),
    source_id: event.get(FIELD.sourceId),
    sub1: event.get(FIELD.sub1),
    sub2: event.get(FIELD.sub2),
    sub3: event.get(FIELD.sub3),
    sub4: event.get(FIELD.sub4),
    sub5: event.get(FIELD.sub5),
  };
}

function notRunning(): Problem {
  return new Problem(404, 'the campaign is not running', { headers: HEADERS });
}
