/** The state of a payout: a pure function of the log. */
import type { PayoutStatus, PayoutStep } from '../../model/payout.ts';

/** A part of a payout, see `PaidLot`; its currency is that of the payout. */
export interface LotState {
  readonly campaignId: string;
  readonly releaseAt: number;
  readonly micros: number;
}

export interface PayoutState {
  readonly payoutId: string;
  readonly partnerId: string;
  readonly currency: string;
  readonly reference: string;
  readonly isAdvance: boolean;
  /** What was asked for; `undefined`: all that is payable. */
  readonly wantedMicros: number | undefined;
  /** Where it was asked to be sent; `undefined`: where the partner's terms say. */
  readonly wantedDestination: string | undefined;
  readonly createdAt: number;
  readonly requestedBy: string;
  status: PayoutStatus;
  /** What is set aside; 0: nothing yet. */
  micros: number;
  lots: readonly LotState[];
  destination: string | undefined;
  failure: { readonly code: string; readonly message: string } | undefined;
  /** Whether the account has set the money aside, and whether it was told what has become of that. */
  isReserved: boolean;
  isSettled: boolean;
  /** Attempts that the gateway was asked for, and the one of them whose report is awaited; 0: none. */
  attempts: number;
  awaited: number;
  /** When the gateway is asked again, milliseconds since the epoch. */
  nextAttemptAt: number | undefined;
  transferId: string | undefined;
  /** What of it has come back after it was sent. */
  reversedMicros: number;
  /** The first and the latest, oldest first, at most `limits.payoutSteps`. */
  readonly steps: PayoutStep[];
  updatedAt: number;
  /** Grows with every change: its etag. */
  version: number;
}
