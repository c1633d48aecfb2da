/** What the world outside the actor knows of a payout: money sent to a partner. The state itself belongs to `actors/payout`. */
import type { Money } from './money.ts';

/**
 * `PENDING`: the partner's account has not said yet whether there is so much. `PROCESSING`: the money is set aside,
 * and the gateway asked for it. `SUCCEEDED`: the gateway said that it has sent it. `FAILED`: nothing was sent, or
 * all of it has come back, and it is on the account again.
 */
export const PAYOUT_STATUSES = ['PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED'] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/** Something that has happened to a payout. */
export interface PayoutStep {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step:
    | 'requested'
    | 'reserved'
    | 'refused'
    | 'attempted'
    | 'accepted'
    | 'unanswered'
    | 'declined'
    | 'succeeded'
    /** The money is back on the account. */
    | 'released'
    /** Something of it has come back from where it was sent. */
    | 'reversed'
    /** The gateway has told what contradicts what it told before; nothing follows from it. */
    | 'contradicted';
  readonly detail?: string;
}

/** A part of a payout: what a campaign's commissions of one release have come to. */
export interface PaidLot {
  readonly campaignId: string;
  /** Milliseconds since the epoch. */
  readonly releaseAt: number;
  readonly amount: Money;
}

export interface PayoutView {
  readonly payoutId: string;
  readonly partnerId: string;
  /** A whole number of the currency's payable units; 0 micros until it is known, where all that is payable was asked for. */
  readonly amount: Money;
  /** What it is known by to whoever asked for it: one payout for each partner and reference, for ever. */
  readonly reference: string;
  /** Whether it may exceed what is payable: then the next commissions make up for it. */
  readonly isAdvance: boolean;
  readonly status: PayoutStatus;
  /** Why it failed: a code, and what it means. */
  readonly failure?: { readonly code: string; readonly message: string };
  readonly destination?: string;
  /** How often the gateway was asked. */
  readonly attempts: number;
  /** When it is asked again, if it has not answered, milliseconds since the epoch. */
  readonly nextAttemptAt?: number;
  /** The gateway's own id of the transfer. */
  readonly transferId?: string;
  /** What of the amount has come back after it was sent; absent: nothing. */
  readonly reversed?: Money;
  /** What of the partner's commissions it pays. What is left of the amount is an advance. */
  readonly lots: readonly PaidLot[];
  /** The first and the latest, oldest first. */
  readonly steps: readonly PayoutStep[];
  readonly etag: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly requestedBy: string;
}

/** Payload of the command `request`, which asks for a payout. */
export interface PayoutRequest {
  readonly partnerId: string;
  readonly currency: string;
  /** A whole number of the currency's payable units above 0; absent: all that is payable. */
  readonly micros?: number;
  readonly reference: string;
  readonly isAdvance: boolean;
  /** Absent: where the partner's payout terms say. */
  readonly destination?: string;
}
