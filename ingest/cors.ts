/**
 * CORS: which pages may read the collector's answers. The origin is mirrored if the server or the
 * campaign allows it, and any is where neither names one; `*` is never said, because beacons come with
 * credentials.
 */

import type { CampaignSummary } from '../model/campaign.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import { type HeaderLines, headerLines } from './header-lines.ts';

const NONE: readonly string[] = [];
/** A pre-flight request names no campaign: origins of all of them are gathered, this often at most. */
const GATHER_MS = 5_000;

const PREFLIGHT = headerLines({
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': 'content-type, authorization, x-turnpike-key, x-turnpike-signature',
  'access-control-max-age': '86400',
});
const VARY = headerLines({ vary: 'Origin' });
/** What all mirrored answers have after the origin. */
const MIRRORED =
  headerLines({
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'retry-after, x-turnpike-reason',
  }) + VARY;

export class OriginPolicy {
  readonly #directory: CampaignDirectory;
  readonly #serverOrigins: ReadonlySet<string>;
  readonly #now: () => number;
  #campaignOrigins: ReadonlySet<string> = new Set();
  #gatheredAt = Number.NEGATIVE_INFINITY;

  /** @param allowedOrigins of the server; empty: any */
  constructor(directory: CampaignDirectory, allowedOrigins: readonly string[], now: () => number) {
    this.#directory = directory;
    this.#serverOrigins = new Set(allowedOrigins);
    this.#now = now;
  }

  /** Headers of an answer that concerns `campaign`, or none that is known. */
  headers(origin: string, campaign: CampaignSummary | undefined): HeaderLines {
    if (origin === '') return '';
    const campaignOrigins = campaign?.allowedOrigins ?? NONE;
    const isAllowed =
      (this.#serverOrigins.size === 0 && campaignOrigins.length === 0) ||
      this.#serverOrigins.has(origin) ||
      campaignOrigins.includes(origin);
    return isAllowed ? mirrored(origin) : VARY;
  }

  /** Headers of the answer to a pre-flight request. */
  preflightHeaders(origin: string): HeaderLines {
    if (origin === '') return '';
    const isAllowed =
      this.#serverOrigins.size === 0 || this.#serverOrigins.has(origin) || this.#ofCampaigns().has(origin);
    return isAllowed ? mirrored(origin) + PREFLIGHT : VARY;
  }

  #ofCampaigns(): ReadonlySet<string> {
    const now = this.#now();
    if (now - this.#gatheredAt >= GATHER_MS) {
      this.#gatheredAt = now;
      this.#campaignOrigins = new Set([...this.#directory.values()].flatMap((one) => one.allowedOrigins));
    }
    return this.#campaignOrigins;
  }
}

function mirrored(origin: string): HeaderLines {
  return headerLines({ 'access-control-allow-origin': origin }) + MIRRORED;
}
