/**
 * The payment gateway: who sends money to partners. It may answer late, or never, or that it has failed when it has
 * not; what it is asked twice under one key it does once.
 */
import type { GatewayNotice, TransferOrder, TransferOutcome } from '../../model/transfer.ts';

export type { GatewayNotice } from '../../model/transfer.ts';

/** A transfer as the gateway knows it. */
export interface GatewayTransfer {
  readonly payoutId: string;
  readonly transferId: string;
  readonly partnerId: string;
  readonly amountMicros: number;
  /** What of it has come back. */
  readonly reversedMicros: number;
  readonly currency: string;
  readonly status: 'accepted' | 'succeeded' | 'failed' | 'reversed';
}

export interface Gateway {
  readonly name: string;

  /**
   * Asks for a transfer under the payout's id as idempotency key. Never throws for what the gateway says or fails to
   * say: that is an outcome.
   */
  transfer(order: TransferOrder): Promise<TransferOutcome>;

  /**
   * Reads a notice that came by HTTP.
   *
   * @param body the bytes as they came
   * @param signature the gateway's signature header
   * @returns the notice, or `undefined` if it is about nothing that concerns a payout
   * @throws TurnpikeError `permission_denied` for a wrong signature, `invalid_argument` for what cannot be read
   */
  notice(body: Buffer, signature: string | undefined): GatewayNotice | undefined;

  /**
   * All transfers that it has made for a payout, or has declined: at most one, unless it is broken. For checks.
   *
   * @throws TurnpikeError `unavailable`
   */
  transfersOf(payoutId: string): Promise<readonly GatewayTransfer[]>;

  /**
   * All transfers of payouts that it has made, or has declined, in no order. For checks.
   *
   * @throws TurnpikeError `unavailable`
   */
  transfers(): AsyncIterable<GatewayTransfer>;

  close(): Promise<void>;
}
