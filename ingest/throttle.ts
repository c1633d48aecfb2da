/** Throttle: refuses the events of keys that send faster than their campaign allows. */
import type { CampaignSummary } from '../model/campaign.ts';
import { REASONS } from '../model/decision.ts';
import { ACCESS_MESSAGES, type Denial } from './access.ts';
import { type HeaderLines, headerLines } from './header-lines.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { Problem, type ProblemStatus } from './problem.ts';
import { RateLimiter, type RateVerdict } from './rate-limit.ts';
import type { Submission } from './submission.ts';

/** What the events of one request that share a key do to its rate. */
interface Share {
  readonly campaign: CampaignSummary;
  readonly key: string;
  readonly events: IncomingEvent[];
}

export class Throttle {
  readonly #limiter = new RateLimiter();

  /** Refuses those events of the request whose key is over its rate; tells the client where it stands. */
  apply({ events, arrival }: Submission): void {
    const shares = sharesOf(events);
    if (shares === undefined) return;
    for (const { campaign, key, events: own } of shares) {
      const verdict = this.#limiter.take(key, own.length, campaign.rateLimit, arrival.receivedAt);
      if (shares.length === 1) arrival.exchange.addHeaders(rateHeaders(campaign.rateLimit, verdict));
      if (verdict.allowed) continue;
      for (const event of own) {
        event.overrule(REASONS.rate_limited, `more than ${campaign.rateLimit} events a second: send slower`);
        event.campaign = undefined;
        event.partition = -1;
      }
    }
  }
}

function sharesOf(events: readonly IncomingEvent[]): Share[] | undefined {
  let shares: Map<string, Share> | undefined;
  for (const event of events) {
    const { campaign } = event;
    if (campaign === undefined || campaign.rateLimit <= 0) continue;
    // A campaign has one public key; its secret keys share the rate of what is signed.
    const key = event.isTrusted ? `${campaign.campaignId} signed` : campaign.campaignId;
    shares ??= new Map();
    const share = shares.get(key);
    if (share) share.events.push(event);
    else shares.set(key, { campaign, key, events: [event] });
  }
  return shares && [...shares.values()];
}

function rateHeaders(rate: number, { allowed, remaining, resetMs, retryAfterMs }: RateVerdict): HeaderLines {
  const headers = headerLines({
    'x-ratelimit-limit': String(rate),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': seconds(resetMs),
  });
  return allowed ? headers : headers + headerLines({ 'retry-after': seconds(retryAfterMs) });
}

function seconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1_000)));
}

// Not a scheme that browsers know: they would ask visitors of the page for a password.
const WHO_ARE_YOU = headerLines({ 'www-authenticate': 'TurnpikeKey' });

const DENIAL_STATUS: Readonly<Record<Denial, ProblemStatus>> = {
  no_key: 401,
  unknown_key: 401,
  foreign_key: 401,
  no_signature: 401,
  bad_signature: 403,
};

/**
 * Where nothing of a request may be counted, the request itself is refused; where only a part may not,
 * that part's results tell.
 *
 * @throws Problem
 */
export function refuseIfAllAre(events: readonly IncomingEvent[]): void {
  const first = events[0];
  if (first === undefined || !events.every(isRefused)) return;
  const { denial, message = '' } = first;
  if (denial === undefined) throw new Problem(429, message);
  const status = DENIAL_STATUS[denial];
  const headers = status === 401 ? WHO_ARE_YOU : '';
  throw new Problem(status, ACCESS_MESSAGES[denial], { headers });
}

function isRefused({ verdict }: IncomingEvent): boolean {
  return verdict === REASONS.not_authorised || verdict === REASONS.rate_limited;
}
