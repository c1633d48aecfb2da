/** Refunds: a conversion that counted is taken back once, exactly what it was; and nothing else is. */
import type { AskedRefund } from '../hosts/treasurer.ts';
import type { CampaignPlan } from '../scenario.ts';
import type { Posting } from './books.ts';
import type { Row } from './check.ts';
import { type Ledger, placeOf, REASON, type SentEvent } from './ledger.ts';
import { add, compare, earnedKey } from './told-commissions.ts';

const MICROS_DIGITS = 6;

export interface RefundEvidence {
  readonly ledger: Ledger;
  readonly decided: readonly Row[];
  readonly credits: readonly Row[];
  readonly domainEvents: readonly Row[];
  readonly postings: readonly Posting[];
  readonly asked: readonly AskedRefund[];
  readonly plans: readonly CampaignPlan[];
}

/** A conversion that counted, with the name that it is known by. */
export interface CountedConversion {
  readonly campaignId: string;
  readonly name: string;
  readonly row: Row;
  readonly event: SentEvent;
}

/** Conversions that counted, by their places in the log. */
export function countedConversions(ledger: Ledger, decided: readonly Row[]): Map<string, CountedConversion> {
  const counted = new Map<string, CountedConversion>();
  for (const row of decided) {
    if (Number(row.type) !== 3 || Number(row.reason) !== REASON.accepted) continue;
    const event = ledger.events.get(String(row.event_id)) as SentEvent;
    const name = event.transactionId ?? `${event.click?.eventId} ${event.goal}`;
    counted.set(placeOf(row), { campaignId: String(row.campaign_id), name, row, event });
  }
  return counted;
}

/** What of a campaign was refunded, by the domain events: how many conversions, and how much of its spend. */
export function refundsOf(
  domainEvents: readonly Row[],
  campaignId: string,
): { readonly placed: ReadonlySet<string>; readonly spendMicros: bigint } {
  const placed = new Set<string>();
  let spendMicros = 0n;
  for (const row of domainEvents) {
    if (row.type !== 'conversion.refunded' || row.campaign_id !== campaignId) continue;
    const data = JSON.parse(String(row.data));
    placed.add(placeOfDecision(data.decision_id));
    spendMicros += microsOf(data.spend.amount);
  }
  return { placed, spendMicros };
}

/** Notes everything that is wrong in the ledger. */
export function checkRefunds(evidence: RefundEvidence): void {
  const { ledger, decided, credits, domainEvents, postings, asked, plans } = evidence;
  const counted = countedConversions(ledger, decided);
  const wanted = new Set(asked.map(({ campaignId, conversion }) => `${campaignId} ${conversion}`));
  const refunded = new Set<string>();
  /** What must be reversed, by decision. */
  const due = new Map<string, bigint>();
  for (const row of domainEvents) {
    if (row.type !== 'conversion.refunded') continue;
    const data = JSON.parse(String(row.data));
    const place = placeOfDecision(data.decision_id);
    const conversion = counted.get(place);
    if (!conversion || conversion.campaignId !== row.campaign_id) {
      ledger.fail(`${place} of ${row.campaign_id} was refunded, and never counted`);
      continue;
    }
    const name = `${conversion.campaignId} ${conversion.name}`;
    if (refunded.has(name)) ledger.fail(`${name} was refunded twice`);
    refunded.add(name);
    if (!wanted.has(name)) ledger.fail(`${name} was refunded, and nobody asked for it`);
    const { definition } = plans.find(
      ({ campaignId }) => campaignId === conversion.campaignId,
    ) as CampaignPlan;
    const { value_micros, spend_micros, commission_micros } = conversion.row;
    const spend = definition.commission?.refundsBudget ? spend_micros : 0n;
    for (const [what, is, was] of [
      ['revenue', data.revenue, value_micros],
      ['spend', data.spend, spend],
      ['commission', data.commission, commission_micros],
    ] as const)
      if (microsOf(is.amount) !== BigInt(was ?? 0))
        ledger.fail(`${name} was refunded with a ${what} of ${is.amount}, and had one of ${was} micros`);
    for (const credit of credits)
      if (placeOf(credit) === place && BigInt(credit.commission_micros ?? 0) > 0n)
        add(
          due,
          `${data.decision_id} ${earnedKey(String(credit.partner_id), name, Number(credit.release_at))}`,
          BigInt(credit.commission_micros ?? 0),
        );
  }
  for (const { campaignId, conversion, answer } of asked)
    if (answer.ok && !refunded.has(`${campaignId} ${conversion}`))
      ledger.fail(`${conversion} of ${campaignId} was told to be refunded, and is not`);
  const reversed = new Map<string, bigint>();
  for (const { cause, decisionId, partnerId, releaseAt, micros } of postings) {
    if (cause !== 'reversed') continue;
    const { campaignId, name } = counted.get(placeOfDecision(decisionId)) ?? { campaignId: '?', name: '?' };
    add(reversed, `${decisionId} ${earnedKey(partnerId, `${campaignId} ${name}`, releaseAt)}`, micros);
  }
  compare(ledger, due, reversed, 'to be reversed', 'reversed');
}

/** Partition, sequence and row in base 36, as the public interface has them. */
function placeOfDecision(decisionId: string): string {
  const [partition, sequence, row] = decisionId.split('-').map((part) => Number.parseInt(part, 36));
  return placeOf({ partition: partition ?? 0, sequence: sequence ?? 0, row: row ?? 0 });
}

/** The micros of a decimal amount, which may be below 0. */
export function microsOf(amount: string): bigint {
  const [whole = '', fraction = ''] = amount.replace('-', '').split('.');
  const micros = BigInt(whole + fraction.padEnd(MICROS_DIGITS, '0'));
  return amount.startsWith('-') ? -micros : micros;
}
