/** What Stripe's webhooks tell of transfers. */
import type Stripe from 'stripe';
import type { GatewayNotice } from '../../model/transfer.ts';
import { microsOfStripe } from './stripe-amounts.ts';

/** The metadata of a transfer that holds the id of its payout, and that of the cluster whose payout it is. */
export const PAYOUT_METADATA = 'payout_id';
export const CLUSTER_METADATA = 'cluster_id';

/** The payout of a cluster that a transfer was made for, if it was. */
export function payoutOf({ metadata }: Stripe.Transfer, clusterId: string): string | undefined {
  return metadata?.[CLUSTER_METADATA] === clusterId ? metadata[PAYOUT_METADATA] : undefined;
}

/**
 * The notice of an event. A transfer is done when it is created: the money has moved to the connected account, and
 * there is no event for its success or failure. It may be reversed afterwards, by the platform or by Stripe, in parts
 * too; `transfer.updated` tells of changes, reversals among them.
 *
 * @returns `undefined` for what concerns no payout of the cluster
 * @see https://docs.stripe.com/api/events/types
 */
export function noticeOf(event: Stripe.Event, clusterId: string): GatewayNotice | undefined {
  switch (event.type) {
    case 'transfer.created':
    case 'transfer.updated':
    case 'transfer.reversed':
      return noticeOfTransfer(event.data.object, clusterId);
    default:
      return undefined;
  }
}

function noticeOfTransfer(transfer: Stripe.Transfer, clusterId: string): GatewayNotice | undefined {
  const payoutId = payoutOf(transfer, clusterId);
  if (payoutId === undefined) return undefined;
  const about = { payoutId, transferId: transfer.id };
  if (!transfer.amount_reversed) return { ...about, kind: 'succeeded' };
  return {
    ...about,
    kind: 'reversed',
    reversedMicros: microsOfStripe(transfer.amount_reversed, transfer.currency),
  };
}
