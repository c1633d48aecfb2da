/**
 * The verdict on the partners' money: what was earned, refunded, posted, paid and sent must be one and the same, to
 * the micro.
 */
import type { CampaignPlan } from '../load/campaigns.ts';
import type { Account, MoneyEvidence, Payout, Transfer } from './money-rows.ts';

const SHARE_PPM = 1_000_000n;
/** The legs of each cause by account: what is taken is below 0. */
const ACCOUNTS = ['held', 'payable', 'in_transit', 'paid'] as const;

type Fail = (text: string) => void;

export interface MoneyTotals {
  readonly payouts: number;
  readonly succeeded: number;
  readonly refunds: number;
}

export function totalsOf({ payouts, refunds }: MoneyEvidence): MoneyTotals {
  const succeeded = [...payouts.values()].filter(([view]) => view?.status === 'SUCCEEDED').length;
  return { payouts: payouts.size, succeeded, refunds: refunds.length };
}

export function checkMoney(evidence: MoneyEvidence, campaigns: readonly CampaignPlan[], fail: Fail): void {
  checkEarned(evidence, campaigns, fail);
  checkRefunds(evidence, fail);
  checkAccounts(evidence, fail);
  for (const [payoutId, views] of evidence.payouts) checkPayout(evidence, payoutId, views, fail);
  for (const { payoutId } of evidence.transfers)
    if (!evidence.payouts.has(payoutId))
      fail(`the gateway has a transfer for ${payoutId}, which is not there`);
  for (const { payoutId, body } of evidence.askedPayouts)
    if (payoutId !== undefined && !evidence.payouts.has(payoutId)) fail(`${body} was told to be ${payoutId}`);
}

/** What was decided and credited is what the campaign's rate gives, and what the books have of it. */
function checkEarned(
  { earned, entries }: MoneyEvidence,
  campaigns: readonly CampaignPlan[],
  fail: Fail,
): void {
  const sums = new Map<string, bigint>();
  for (const { campaignId, partnerId, type, events, value, commission } of earned) {
    const plan = campaigns.find((candidate) => candidate.campaignId === campaignId)?.commission;
    const told = `${partnerId} has earned ${commission} by ${events} events of ${campaignId}`;
    if (!plan || plan.type !== type) {
      if (commission !== 0n) fail(`${told}, which pay nothing`);
    } else if (plan.sharePpm === undefined) {
      if (commission !== BigInt(events) * plan.unitMicros) fail(`${told} at ${plan.unitMicros}`);
    } else {
      // Of each conversion what is less than a micro is lost, or went to another one who shares it.
      const exact = (value * plan.sharePpm) / SHARE_PPM;
      if (commission > exact + BigInt(events) || commission < exact - BigInt(events))
        fail(`${told} of ${value}, not ${exact}`);
    }
    if (partnerId === '' && commission !== 0n) fail(`${told}, and is nobody`);
    add(sums, `${partnerId} by ${campaignId}`, commission);
  }
  for (const { partnerId, campaignId, account, cause, sum } of entries)
    if (cause === 'assigned' && account === 'held') add(sums, `${partnerId} by ${campaignId}`, -sum);
  for (const [key, micros] of sums)
    if (micros !== 0n) fail(`${key}: what was earned and what was assigned differ by ${micros}`);
}

/** Each conversion is taken back once, exactly what it was; and the books have lost as much. */
function checkRefunds({ refunds, askedRefunds, entries }: MoneyEvidence, fail: Fail): void {
  const seen = new Set<string>();
  const sums = new Map<string, bigint>();
  for (const { campaignId, decisionId, transactionId, revenue, commission, of } of refunds) {
    const name = `${campaignId} ${transactionId}`;
    if (seen.has(name) || seen.has(decisionId)) fail(`${name}, ${decisionId}, was refunded twice`);
    seen.add(name).add(decisionId);
    if (
      !askedRefunds.some((asked) => asked.campaignId === campaignId && asked.transactionId === transactionId)
    )
      fail(`${name} was refunded, and nobody asked for it`);
    if (of?.value !== revenue || of.commission !== commission)
      fail(`${name}, of ${of?.value} and ${of?.commission}, was refunded with ${revenue} and ${commission}`);
    add(sums, campaignId, commission);
  }
  for (const { campaignId, transactionId, isDone } of askedRefunds)
    if (isDone && !seen.has(`${campaignId} ${transactionId}`))
      fail(`${transactionId} of ${campaignId} was told to be refunded, and is not`);
  for (const { campaignId, account, cause, sum } of entries)
    if (cause === 'reversed' && account === 'commissions') add(sums, campaignId, -sum);
  for (const [campaignId, micros] of sums)
    if (micros !== 0n) fail(`${campaignId}: what was refunded and what was reversed differ by ${micros}`);
}

/** Entries are there once, sum to 0, and come to what every management process tells of the account. */
function checkAccounts({ entries, accounts, payouts }: MoneyEvidence, fail: Fail): void {
  for (const [partnerId, [account, ...others]] of accounts) {
    if (!account) continue;
    for (const other of others)
      if (textOf(other) !== textOf(account))
        fail(`${partnerId} has ${textOf(account)}, elsewhere ${textOf(other)}`);
    const own = entries.filter((entry) => entry.partnerId === partnerId);
    for (const { account: name, cause, rows, places } of own)
      if (rows !== places)
        fail(`${partnerId}: ${rows} entries of ${name} by ${cause} lie at ${places} places`);
    if (own.reduce((sum, entry) => sum + entry.sum, 0n) !== 0n)
      fail(`the books of ${partnerId} do not balance`);
    const told = [account.held, account.payable, account.inTransit, account.paid];
    for (const [index, name] of ACCOUNTS.entries()) {
      const sum = own.filter((entry) => entry.account === name).reduce((all, entry) => all + entry.sum, 0n);
      if (sum !== told[index]) fail(`${partnerId}: ${name} is ${told[index]}, by its entries ${sum}`);
    }
    if (account.balance !== account.assigned - account.reversed - account.paid)
      fail(`${partnerId} is not balanced: ${textOf(account)}`);
    if (account.inTransit !== 0n) fail(`${partnerId} has ${account.inTransit} in transit at rest`);
    const paid = [...payouts.values()]
      .filter(([view]) => view?.partnerId === partnerId && view.status === 'SUCCEEDED')
      .reduce((sum, [view]) => sum + (view as Payout).amount, 0n);
    if (account.paid !== paid) fail(`${partnerId} was paid ${account.paid}, by its payouts ${paid}`);
  }
  for (const { partnerId } of entries)
    if (!accounts.has(partnerId)) fail(`${partnerId} has entries, and no account`);
}

/** It is over, and its money was sent if and only if it has succeeded; the books have each of its ways once. */
function checkPayout(
  { transfers, entries }: MoneyEvidence,
  payoutId: string,
  [view, ...others]: readonly Payout[],
  fail: Fail,
): void {
  if (!view) return;
  for (const other of others)
    if (textOf(other) !== textOf(view)) fail(`${payoutId} is ${textOf(view)}, elsewhere ${textOf(other)}`);
  const made = transfers.filter((transfer) => transfer.payoutId === payoutId);
  const sent = made.filter(({ status }) => status === 'succeeded');
  if (made.length > 1) fail(`the gateway has ${made.length} transfers for ${payoutId}`);
  if ((view.status === 'SUCCEEDED') !== (sent.length === 1))
    fail(`${payoutId} is ${view.status}, and its transfer ${made[0]?.status ?? 'was not made'}`);
  for (const transfer of made) checkTransfer(payoutId, view, transfer, fail);
  const isReserved = view.attempts > 0;
  const isPaid = view.status === 'SUCCEEDED';
  const sumOf = (account: string, cause: string): bigint =>
    entries
      .filter((entry) => entry.payoutId === payoutId && entry.account === account && entry.cause === cause)
      .reduce((sum, entry) => sum + entry.sum, 0n);
  for (const [cause, account, isDue] of [
    ['reserved', 'in_transit', isReserved],
    ['paid', 'paid', isPaid],
    ['returned', 'payable', isReserved && !isPaid],
  ] as const) {
    const sum = sumOf(account, cause);
    const due = isDue ? view.amount : 0n;
    if (sum !== due) fail(`${payoutId} (${view.status}): ${sum} is ${cause}, not ${due}`);
  }
}

function checkTransfer(payoutId: string, view: Payout, transfer: Transfer, fail: Fail): void {
  if (BigInt(transfer.micros) !== view.amount || transfer.partnerId !== view.partnerId)
    fail(`${payoutId} is ${textOf(view)}, and its transfer ${JSON.stringify(transfer)}`);
}

function add(sums: Map<string, bigint>, key: string, micros: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + micros);
}

function textOf(view: Account | Payout): string {
  return JSON.stringify(view, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
