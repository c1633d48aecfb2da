/** What must hold of accounts and payouts at any moment, and not only at rest. */
import type { AccountView } from '../../../model/account.ts';
import type { PayoutView } from '../../../model/payout.ts';
import type { Transfer } from '../ports/gateway.ts';
import type { Ledger } from './ledger.ts';

/** An account is balanced, and never shows more paid than the gateway has sent. */
export function checkAccount(
  ledger: Ledger,
  { partnerId, balances }: AccountView,
  transfers: Iterable<Transfer>,
): void {
  let sent = 0n;
  for (const { order, status } of transfers)
    if (order.partnerId === partnerId && status === 'succeeded') sent += BigInt(order.amount.micros);
  for (const balance of balances) {
    const { assignedMicros, reversedMicros, heldMicros, payableMicros, inTransitMicros, paidMicros } =
      balance;
    const told = `the account of ${partnerId}`;
    if (balance.balanceMicros !== assignedMicros - reversedMicros - paidMicros)
      ledger.fail(
        `${told} has earned ${assignedMicros}, lost ${reversedMicros}, was paid ${paidMicros}, and has ${balance.balanceMicros}`,
      );
    if (balance.balanceMicros !== heldMicros + payableMicros + inTransitMicros)
      ledger.fail(
        `${told} has ${balance.balanceMicros}: ${heldMicros} held, ${payableMicros} payable, ${inTransitMicros} in transit`,
      );
    for (const micros of [heldMicros, inTransitMicros, paidMicros])
      if (micros < 0n) ledger.fail(`${told} has an amount of ${micros}`);
    if (paidMicros > sent) ledger.fail(`${told} shows ${paidMicros} paid, and ${sent} was sent`);
  }
}

/** A payout that is said to be over is over at the gateway. */
export function checkPayout(
  ledger: Ledger,
  { payoutId, status, amount, attempts, failure }: PayoutView,
  transfers: ReadonlyMap<string, Transfer>,
): void {
  const transfer = transfers.get(payoutId);
  if (status === 'SUCCEEDED' && transfer?.status !== 'succeeded')
    ledger.fail(
      `${payoutId} is said to have succeeded, and its transfer is ${transfer?.status ?? 'not made'}`,
    );
  if (transfer && transfer.order.amount.micros !== amount.micros)
    ledger.fail(`${payoutId} is of ${amount.micros}, and its transfer of ${transfer.order.amount.micros}`);
  if (transfer && attempts === 0) ledger.fail(`${payoutId} has never asked, and has a transfer`);
  const isSent = transfer?.status === 'succeeded' && transfer.reversedMicros < amount.micros;
  if (status === 'FAILED' && isSent)
    ledger.fail(`${payoutId} is said to have failed (${failure?.code}), and its transfer was sent`);
}
