/** Where commands count besides the state of a campaign: its aggregates, its memories, the accounts of its partners. */
import { Domain, type FingerprintKey, fingerprint } from '../../model/fingerprint.ts';
import { type ConversionBook, conversionWords, type FoundConversion } from './conversion-book.ts';
import type { RefundLedger, SpendLedger } from './outcome.ts';
import type { PendingCommissions } from './pending-commissions.ts';
import type { Slices } from './slices.ts';

/** What the ledgers write to. */
export interface CampaignBooks {
  readonly slices: Slices;
  readonly conversions: ConversionBook;
  readonly commissions: PendingCommissions;
}

/** @param time record time, milliseconds since the epoch */
export function spendLedger(
  { slices, conversions }: CampaignBooks,
  key: FingerprintKey,
  campaignId: string,
  time: number,
): SpendLedger {
  const words = conversionWords();
  const mark = (reference: string): void =>
    fingerprint(key, Domain.spendReference, campaignId, reference, words, 0);
  return {
    isRecorded: (reference) => {
      mark(reference);
      return conversions.has(words, 0);
    },
    record: (micros, reference) => {
      slices.at(time, '', time).spendMicros += BigInt(micros);
      if (reference === undefined) return;
      mark(reference);
      conversions.add(words, 0);
    },
  };
}

/**
 * @param found the conversion that the command names
 * @param time record time, milliseconds since the epoch
 */
export function refundLedger(
  { slices, conversions, commissions }: CampaignBooks,
  found: FoundConversion | undefined,
  time: number,
): RefundLedger {
  return {
    found,
    record: (conversion, reason) => {
      conversions.refund(conversion);
      const { partnerId, occurredAt, decisionId, earned } = conversion;
      // Now, but in the hour in which it happened: of its partner and hour both sums are then what is left.
      const slice = slices.at(time, partnerId, occurredAt);
      slice.revenueMicros -= BigInt(conversion.revenueMicros);
      slice.spendMicros -= BigInt(conversion.refundableMicros);
      for (const { partnerId: earner, micros, releaseAt } of earned) {
        slice.commissionMicros -= BigInt(micros);
        commissions.reverse(earner, { releaseAt, micros: String(micros), decisionId, reason });
      }
    },
  };
}
