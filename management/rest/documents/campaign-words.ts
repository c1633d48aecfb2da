/** Words of campaigns in the source documents (docs/source-words.md), and the way back from them. */
import type { CampaignObjective, CampaignStatus, CampaignType } from '../../../model/campaign.ts';
import type { Violations } from '../../application/violations.ts';

export type Words<W extends string> = Readonly<Record<W, string>>;

export const TYPE_WORDS: Words<CampaignType> = {
  AFFILIATE: 'AFILIACION',
  INFLUENCER: 'INFLUENCER',
  LOYALTY: 'LEALTAD',
  B2B: 'B2B',
  MIXED: 'MIXTA',
};

export const OBJECTIVE_WORDS: Words<CampaignObjective> = {
  SALES: 'VENTAS',
  BRAND_AWARENESS: 'BRAND_AWARENESS',
  ENGAGEMENT: 'ENGAGEMENT',
  LEAD_GENERATION: 'LEAD_GENERATION',
  CONVERSION: 'CONVERSION',
  TRAFFIC: 'TRAFICO',
};

/** States of the campaigns of brands. */
export const BRAND_STATES: Words<CampaignStatus> = {
  DRAFT: 'BORRADOR',
  SCHEDULED: 'PROGRAMADA',
  ACTIVE: 'ACTIVA',
  PAUSED: 'PAUSADA',
  COMPLETED: 'FINALIZADA',
  CANCELLED: 'CANCELADA',
};

/** States of the campaigns of affiliates: four in the document, which knows neither of the other two. */
export const AFFILIATE_STATES: Words<CampaignStatus> = {
  DRAFT: 'CREATED',
  SCHEDULED: 'SCHEDULED',
  ACTIVE: 'ACTIVE',
  PAUSED: 'PAUSED',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
};

/** What a word of a document, or our own, stands for, whatever its case and accents; a violation otherwise. */
export function meaningOf<W extends string>(
  words: Words<W>,
  text: string,
  field: string,
  violations: Violations,
): W | undefined {
  const word = withoutAccents(text)
    .trim()
    .toUpperCase()
    .replace(/[\s-]+/g, '_');
  const pairs = Object.entries(words) as [W, string][];
  const found = pairs.find(([ours, theirs]) => theirs === word || ours === word);
  if (found) return found[0];
  return violations.add(field, `must be one of ${pairs.map(([, theirs]) => theirs).join(', ')}`);
}

/** `campaña` → `campana` */
export function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{Mn}/gu, '');
}
