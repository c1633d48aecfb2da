/** Payouts at rest: each is over, its money was sent once or not at all, and the books say the same. */
import type { AccountView } from '../../../model/account.ts';
import type { PayoutView } from '../../../model/payout.ts';
import { payoutIdOf } from '../../../model/payout-id.ts';
import type { AskedPayout } from '../hosts/treasurer.ts';
import type { Transfer } from '../ports/gateway.ts';
import type { Posting } from './books.ts';
import type { Row } from './check.ts';
import type { Ledger } from './ledger.ts';
import { checkPayout } from './money-live.ts';
import type { ToldMessage } from './told-commissions.ts';

export interface PayoutEvidence {
  readonly ledger: Ledger;
  readonly views: ReadonlyMap<string, PayoutView>;
  readonly transfers: ReadonlyMap<string, Transfer>;
  readonly postings: readonly Posting[];
  readonly accounts: ReadonlyMap<string, AccountView>;
  readonly asked: readonly AskedPayout[];
  readonly told: readonly ToldMessage[];
  readonly domainEvents: readonly Row[];
}

/** What a payout may be told, or tell, and at most how often: each of a group. */
const TOLD_ONCE = [['reserve', 'open'], ['reserved', 'refused', 'open'], ['settle'], ['returned']] as const;

/** Notes everything that is wrong in the ledger. */
export function checkPayouts(evidence: PayoutEvidence): void {
  const { ledger, views, transfers } = evidence;
  for (const view of views.values()) {
    checkPayout(ledger, view, transfers);
    checkEnd(evidence, view);
    checkPosted(evidence, view);
    checkTold(evidence, view);
  }
  checkTransfers(evidence);
  checkAsked(evidence);
  checkPaid(evidence);
}

/** It is over, and that is what the gateway has come to and what was told of it. */
function checkEnd({ ledger, transfers, domainEvents }: PayoutEvidence, view: PayoutView): void {
  const { payoutId, status, amount, reversed } = view;
  if (status !== 'SUCCEEDED' && status !== 'FAILED') ledger.fail(`${payoutId} is ${status} at rest`);
  const transfer = transfers.get(payoutId);
  if (transfer && transfer.reversedMicros !== (reversed?.micros ?? 0))
    ledger.fail(
      `${payoutId} knows of ${reversed?.micros ?? 0} that came back, of ${transfer.reversedMicros}`,
    );
  const isSent = transfer?.status === 'succeeded' && transfer.reversedMicros < amount.micros;
  if (isSent !== (status === 'SUCCEEDED'))
    ledger.fail(`${payoutId} is ${status}, and its money was ${isSent ? '' : 'not '}sent`);
  const told = domainEvents
    .filter((row) => row.payout_id === payoutId && String(row.type).startsWith('payout.'))
    .sort(
      (one, other) =>
        Number(one.sequence) - Number(other.sequence) || (String(one.id) < String(other.id) ? -1 : 1),
    )
    .map(({ type }) => String(type).slice('payout.'.length));
  const stories = [
    'pending failed',
    'pending processing succeeded',
    'pending processing failed',
    'pending processing succeeded failed',
  ];
  if (!stories.includes(told.join(' '))) ledger.fail(`${payoutId} was told to be ${told.join(', ')}`);
  if (told.at(-1) !== status.toLowerCase())
    ledger.fail(`${payoutId} is ${status}, and was told to be ${told.at(-1)}`);
}

/** Its postings are those of its end: all of the amount, each way once. */
function checkPosted({ ledger, postings }: PayoutEvidence, view: PayoutView): void {
  const { payoutId, status, amount, attempts, failure } = view;
  const sums = { reserved: 0n, paid: 0n, 'in_transit > payable': 0n, 'paid > payable': 0n };
  for (const { payoutId: of, cause, from, to, micros, partnerId } of postings) {
    if (of !== payoutId) continue;
    if (partnerId !== view.partnerId) ledger.fail(`${payoutId} is in the books of ${partnerId}`);
    const name = cause === 'returned' ? `${from} > ${to}` : cause;
    if (name in sums) sums[name as keyof typeof sums] += micros;
    else ledger.fail(`${payoutId} has a posting that is ${cause}`);
  }
  const all = BigInt(amount.micros);
  const isPaid = status === 'SUCCEEDED' || failure?.code === 'reversed';
  const due = {
    reserved: attempts > 0 ? all : 0n,
    paid: isPaid ? all : 0n,
    'in_transit > payable': attempts > 0 && !isPaid ? all : 0n,
    'paid > payable': failure?.code === 'reversed' ? all : 0n,
  };
  for (const [name, micros] of Object.entries(sums))
    if (micros !== due[name as keyof typeof due])
      ledger.fail(`${payoutId} (${status}): ${micros} is ${name}, not ${due[name as keyof typeof due]}`);
}

function checkTold({ ledger, told }: PayoutEvidence, { payoutId }: PayoutView): void {
  for (const names of TOLD_ONCE) {
    const found = told.filter(
      ({ name, actorId, payload }) =>
        (names as readonly string[]).includes(name) &&
        (actorId === payoutId || (payload as { payoutId?: string }).payoutId === payoutId),
    );
    if (found.length > 1) ledger.fail(`${payoutId} has told ${found.map(({ name }) => name).join(', ')}`);
  }
}

/** Whoever asks for a payout gets one transfer, under whatever keys. */
function checkTransfers({ ledger, transfers, views }: PayoutEvidence): void {
  const sent = new Set<string>();
  for (const [key, { order }] of transfers) {
    const payoutId = payoutIdOf(order.partnerId, order.reference);
    if (sent.has(payoutId)) ledger.fail(`the gateway has more than one transfer for ${payoutId}`);
    sent.add(payoutId);
    if (key !== payoutId) ledger.fail(`the transfer for ${payoutId} was asked for under ${key}`);
    if (!views.has(payoutId)) ledger.fail(`the gateway has a transfer for ${payoutId}, which is not there`);
  }
}

/** One of those who have asked has got the payout, and whoever asked for the same too. */
function checkAsked({ ledger, asked, views }: PayoutEvidence): void {
  for (const { payoutId, request, answer } of asked) {
    const view = views.get(payoutId);
    if (!view) {
      ledger.fail(`${payoutId} was asked for, and is not there`);
      continue;
    }
    const others = asked.filter((other) => other.payoutId === payoutId);
    if (!others.some((other) => other.answer.ok)) ledger.fail(`nobody was given ${payoutId}`);
    const isOne = others.every((other) => JSON.stringify(other.request) === JSON.stringify(request));
    if (isOne && !answer.ok) ledger.fail(`${payoutId} was refused: ${answer.failure.message}`);
    if (!answer.ok) continue;
    const isAsAsked =
      view.isAdvance === request.isAdvance &&
      (request.micros === undefined || view.amount.micros === request.micros || view.attempts === 0);
    if (!isAsAsked)
      ledger.fail(
        `${payoutId} is ${JSON.stringify(view.amount)}, and was asked for as ${JSON.stringify(request)}`,
      );
  }
}

/** What accounts say is paid is the sum of the payouts that have succeeded; nothing is in transit. */
function checkPaid({ ledger, accounts, views }: PayoutEvidence): void {
  for (const [partnerId, { balances }] of accounts)
    for (const { currency, paidMicros, inTransitMicros } of balances) {
      let paid = 0n;
      for (const view of views.values())
        if (view.partnerId === partnerId && view.amount.currency === currency && view.status === 'SUCCEEDED')
          paid += BigInt(view.amount.micros);
      if (paidMicros !== paid) ledger.fail(`${partnerId} was paid ${paidMicros}, by its payouts ${paid}`);
      if (inTransitMicros !== 0n) ledger.fail(`${inTransitMicros} of ${partnerId} are in transit at rest`);
    }
}
