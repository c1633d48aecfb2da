/**
 * Holds payouts against the transfers that the gateway has made: each that has succeeded against one of its amount, less
 * what has come back, and all others against none. One that is under way may have been sent or not.
 */
import { keys } from '../../../actors/keys.ts';
import { type SavedPayout, sentOf } from '../../../actors/payout/codec.ts';
import type { Gateway, GatewayTransfer } from '../../../storage/gateway/port.ts';
import type { Sources } from '../sources.ts';
import type { BooksFindings } from './findings.ts';

type Transfers = Pick<Gateway, 'transfers' | 'transfersOf'>;

/** What is with a partner by a payout, in micros by currency. */
type Sent = Map<string, bigint>;

const STATE = '/state';

/** @throws TurnpikeError `unavailable` if the gateway does not say what it has made */
export async function checkTransfers(
  sources: Sources,
  gateway: Transfers,
  findings: BooksFindings,
): Promise<void> {
  const made = new Map<string, Sent>();
  for await (const transfer of gateway.transfers()) add(made, transfer);
  for (let partition = 0; partition < sources.partitions; partition++) {
    const prefix = keys.actorDocument(partition, 'payout', '', '').slice(0, -1);
    for await (const { key, value } of sources.snapshots.list(prefix)) {
      if (!key.endsWith(STATE)) continue;
      const payout = sentOf(value);
      compare(payout, await sentNow(gateway, payout, made.get(payout.payoutId)), findings);
      made.delete(payout.payoutId);
    }
  }
  // A payout is saved before the gateway is asked for it.
  for (const [payoutId, sent] of made)
    for (const [currency, micros] of sent)
      findings.compare('transfers', { partner_id: '', currency, payout_id: payoutId }, micros, 0n);
}

/** What was read before, unless it does not fit: then it may have been sent since. */
async function sentNow(gateway: Transfers, payout: SavedPayout, before: Sent = new Map()): Promise<Sent> {
  if (payout.isOpen || (before.get(payout.currency) ?? 0n) === payout.sentMicros) return before;
  const now = new Map<string, Sent>();
  for (const transfer of await gateway.transfersOf(payout.payoutId)) add(now, transfer);
  return now.get(payout.payoutId) ?? new Map();
}

function add(made: Map<string, Sent>, transfer: GatewayTransfer): void {
  const { payoutId, currency, amountMicros, reversedMicros, status } = transfer;
  if (status === 'failed' || status === 'accepted') return;
  const sent = made.get(payoutId) ?? new Map<string, bigint>();
  made.set(payoutId, sent.set(currency, (sent.get(currency) ?? 0n) + BigInt(amountMicros - reversedMicros)));
}

function compare(payout: SavedPayout, sent: Sent, findings: BooksFindings): void {
  const { payoutId, partnerId, currency, sentMicros, isOpen } = payout;
  for (const of of new Set([currency, ...sent.keys()])) {
    const found = sent.get(of) ?? 0n;
    const isNothing = of !== currency || (isOpen && found === 0n);
    const what = { partner_id: partnerId, currency: of, payout_id: payoutId };
    findings.compare('transfers', what, found, isNothing ? 0n : sentMicros);
  }
}
