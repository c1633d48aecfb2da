/** Transfers: money that the gateway is asked to send, and what it says of that. */
import type { Money } from './money.ts';

/** What a payout asks of the gateway, once for each attempt. */
export interface TransferOrder {
  readonly payoutId: string;
  /** 1, 2, 3, …; every attempt has the same idempotency key, the id of the payout. */
  readonly attempt: number;
  readonly partnerId: string;
  /** A whole number of the currency's payable units. */
  readonly amount: Money;
  /**
   * Where the gateway is to send it, as the gateway knows it: for Stripe the connected account. Absent: nobody has
   * said; a gateway that must know declines.
   */
  readonly destination?: string;
  /** What the payout is known by to whoever asked for it. */
  readonly reference: string;
}

/**
 * What the gateway said. `unknown`: it did not answer, or not so that one could tell: it may have sent the money,
 * and is to be asked again under the same key. `accepted`: it will tell later, by its webhook.
 */
export type TransferOutcome =
  | { readonly kind: 'succeeded' | 'accepted'; readonly transferId: string }
  | { readonly kind: 'declined'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** Payload of the command `report_transfer`, by which a payout learns what the gateway said to an attempt. */
export interface TransferReport {
  readonly attempt: number;
  readonly outcome: TransferOutcome;
}

/**
 * What a gateway tells by itself of a transfer; payload of the command `notice`. It may be told more than once, and
 * in any order.
 */
export interface GatewayNotice {
  readonly payoutId: string;
  readonly transferId: string;
  readonly kind: 'succeeded' | 'failed' | 'reversed';
  /** Of `reversed`: how much of the transfer has come back by now, in all; absent: all of it. */
  readonly reversedMicros?: number;
  /** Why, as the gateway says it. */
  readonly message?: string;
}
