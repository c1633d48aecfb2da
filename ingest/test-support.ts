/** What the collector's tests share. */
import type { CampaignSummary } from '../model/campaign.ts';
import type { Exchange } from './exchange.ts';

/** A running campaign that takes everything, but for what is said otherwise. */
export function campaign(parts: Partial<CampaignSummary> = {}): CampaignSummary {
  const campaignId = parts.campaignId ?? 'spring';
  return {
    campaignId,
    revision: 1,
    status: 'ACTIVE',
    exhausted: false,
    brandId: 'brand',
    name: 'Spring',
    type: 'AFFILIATE',
    createdAt: 0,
    landingPageUrl: 'https://shop.example/landing',
    allowedHosts: [],
    allowedOrigins: [],
    uniqueness: { key: 'none', windowMs: 3_600_000 },
    clickWindowMs: 30 * 86_400_000,
    keyPolicy: 'open',
    writeKey: `key-${campaignId}`,
    secretKeys: [],
    rateLimit: 0,
    ...parts,
  };
}

/** An exchange of which only what is given counts. */
export function exchangeOf(parts: Partial<Exchange> = {}): Exchange {
  return { method: 'GET', addHeaders: () => undefined, ...parts } as unknown as Exchange;
}
