/** To whom conversions were credited, as the warehouse keeps it. */
import { WHOLE_PPM } from '../../../model/terms.ts';
import type { Amount } from '../amount.ts';
import { type CreditRow, conversionOf, type PartnerCreditsRow } from './credits-query.ts';

/** A touch that a conversion is credited to. */
export interface CreditedTouch {
  /** `click`, `view`, or `direct`: none was known, and the partner that the conversion names has it all. */
  readonly kind: string;
  /** Absent: nobody. */
  readonly partnerId?: string;
  readonly contentId?: string;
  /** Milliseconds since the epoch. */
  readonly touchedAt: number;
  /** From 0 to 1, in millionths; those of a conversion sum to 1. */
  readonly share: number;
  readonly revenue: Amount;
  readonly commission: Amount;
}

export interface EventAttribution {
  readonly model: string;
  /** The earliest first. */
  readonly touches: readonly CreditedTouch[];
}

/** What a partner is credited with. */
export interface PartnerCredits {
  /** Absent: nobody. */
  readonly partnerId?: string;
  /** The sum of its shares. */
  readonly conversions: number;
  /** Touches that it is credited for, by their kind. */
  readonly clicks: number;
  readonly views: number;
  readonly direct: number;
  readonly revenue: Amount;
  readonly commission: Amount;
}

/** The attributions that rows make, by conversion. @param currency the campaign's */
export function attributionsOf(rows: readonly CreditRow[], currency: string): Map<string, EventAttribution> {
  const byConversion = new Map<string, { model: string; touches: CreditedTouch[] }>();
  for (const row of rows) {
    const known = byConversion.get(conversionOf(row)) ?? { model: row.model, touches: [] };
    known.touches.push(touchOf(row, currency));
    byConversion.set(conversionOf(row), known);
  }
  return byConversion;
}

function touchOf(row: CreditRow, currency: string): CreditedTouch {
  const { partner_id: partnerId, content_id: contentId } = row;
  return {
    kind: row.kind,
    ...(partnerId !== '' && { partnerId }),
    ...(contentId !== '' && { contentId }),
    touchedAt: Number(row.touched_ms),
    share: row.share_ppm / WHOLE_PPM,
    revenue: { micros: BigInt(row.revenue_micros), currency },
    commission: { micros: BigInt(row.commission_micros), currency },
  };
}

/** @param currency the campaign's */
export function partnerCredits(row: PartnerCreditsRow, currency: string): PartnerCredits {
  const { partner_id: partnerId } = row;
  return {
    ...(partnerId !== '' && { partnerId }),
    conversions: Number(row.share_ppm) / WHOLE_PPM,
    clicks: Number(row.clicks),
    views: Number(row.views),
    direct: Number(row.direct),
    revenue: { micros: BigInt(row.revenue_micros), currency },
    commission: { micros: BigInt(row.commission_micros), currency },
  };
}
