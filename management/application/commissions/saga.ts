/**
 * Sagas: what happens step by step over several actors. That of a commission goes from the decision on its conversion
 * to the payout that pays it, or its reversal; that of a payout from its request to what has become of the money.
 * Each step is read where it was recorded.
 */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { PayoutStatus, PayoutView } from '../../../model/payout.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { entryOf, type LedgerEntry } from '../accounts/ledger.ts';
import type { PostingRow } from '../accounts/ledger-query.ts';
import type { Amount } from '../amount.ts';
import { noPayout } from '../outcome.ts';
import type { WarehouseQuery } from '../tracking/tracking-query.ts';
import {
  type Commission,
  type CommissionReaders,
  commissionPlaceOf,
  commissionsOf,
  noCommission,
} from './commission.ts';
import { type CommissionRow, commissionQuery } from './commission-query.ts';
import {
  assignedQuery,
  type CommissionLot,
  type ConversionRow,
  conversionQuery,
  lotPostingsQuery,
  relatedPostingsQuery,
} from './saga-query.ts';

/** `COMPENSATED`: what was done was undone – a commission was reversed, a payout failed or came back. */
export const SAGA_STATES = ['RUNNING', 'SETTLED', 'COMPENSATED'] as const;
export type SagaState = (typeof SAGA_STATES)[number];
export const SAGA_KINDS = ['COMMISSION', 'PAYOUT'] as const;
export type SagaKind = (typeof SAGA_KINDS)[number];

export interface SagaStep {
  /** Record time, milliseconds since the epoch. */
  readonly at: number;
  /** `conversion_decided`, `commission_…`, `account_…`, `payout_…`. */
  readonly step: string;
  readonly detail?: string;
  readonly amount?: Amount;
  readonly eventId?: string;
  readonly transactionId?: string;
  readonly decisionId?: string;
  readonly payoutId?: string;
  readonly ledgerEntryId?: string;
}

export interface Saga {
  /** Of the commission, or of the payout. */
  readonly sagaId: string;
  readonly kind: SagaKind;
  readonly state: SagaState;
  readonly partnerId: string;
  readonly amount: Amount;
  /** In the order in which they happened. */
  readonly steps: readonly SagaStep[];
}

export interface SagaReaders extends CommissionReaders {
  readonly gateway: Pick<ActorGateway, 'query' | 'settled'>;
}

/** Payouts that are shown of those which something of a commission's lot was set aside for. */
const PAYOUTS_SHOWN = 5;
/** Postings that are read of a payout: for each of its lots when it is reserved, and paid or returned. */
const POSTINGS_READ = 10_000;

const PAYOUT_STATES: Readonly<Record<PayoutStatus, SagaState>> = {
  PENDING: 'RUNNING',
  PROCESSING: 'RUNNING',
  SUCCEEDED: 'SETTLED',
  FAILED: 'COMPENSATED',
};

/**
 * A commission that was earned before the call.
 *
 * @throws TurnpikeError `not_found`
 */
export async function commissionNamed(readers: SagaReaders, commissionId: string): Promise<Commission> {
  const place = commissionPlaceOf(commissionId);
  if (place === undefined) throw noCommission(commissionId);
  await readers.gateway.settled();
  const [row] = await rowsOf<CommissionRow>(readers.warehouse, commissionQuery(place));
  if (row === undefined) throw noCommission(commissionId);
  const [commission] = await commissionsOf(readers, [row]);
  return commission as Commission;
}

/**
 * The saga of a commission or a payout.
 *
 * @param sagaId the id of either
 * @throws TurnpikeError `not_found`
 */
export async function sagaOf(readers: SagaReaders, sagaId: string): Promise<Saga> {
  return sagaId.startsWith('po_') ? payoutSaga(readers, sagaId) : commissionSaga(readers, sagaId);
}

async function payoutSaga({ gateway, warehouse }: SagaReaders, payoutId: string): Promise<Saga> {
  const view = await gateway.query(payoutId, { kind: 'payout' });
  if (view === undefined) return noPayout(payoutId);
  const { partnerId, status, amount } = view;
  await gateway.settled(partnerId);
  const query = relatedPostingsQuery(partnerId, { payoutId }, POSTINGS_READ);
  const postings = (await rowsOf<PostingRow>(warehouse, query)).map(entryOf);
  return {
    sagaId: payoutId,
    kind: 'PAYOUT',
    state: PAYOUT_STATES[status],
    partnerId,
    amount: { micros: BigInt(amount.micros), currency: amount.currency },
    steps: inOrder([...payoutSteps(view), ...bookings(postings)]),
  };
}

async function commissionSaga(readers: SagaReaders, commissionId: string): Promise<Saga> {
  const commission = await commissionNamed(readers, commissionId);
  const { partnerId, amount, status } = commission;
  const steps = [await conversionStep(readers, commission), ...(await lotSteps(readers, commission))];
  return {
    sagaId: commissionId,
    kind: 'COMMISSION',
    state: status === 'REVERSED' ? 'COMPENSATED' : status === 'PAID' ? 'SETTLED' : 'RUNNING',
    partnerId,
    amount,
    steps: inOrder(steps),
  };
}

async function conversionStep(
  { warehouse }: SagaReaders,
  { commissionId, campaignId, decisionId, earnedAt }: Commission,
): Promise<SagaStep> {
  const place = commissionPlaceOf(commissionId) ?? noPlace(commissionId);
  const [row] = await rowsOf<ConversionRow>(warehouse, conversionQuery(campaignId, earnedAt, place));
  return {
    at: earnedAt,
    step: 'conversion_decided',
    decisionId,
    ...(row && { eventId: row.event_id }),
    ...(row?.transaction_id && { transactionId: row.transaction_id }),
  };
}

/** What the partner's account has done with the commission, and the payouts that it was set aside for. */
async function lotSteps(readers: SagaReaders, commission: Commission): Promise<SagaStep[]> {
  const { warehouse, gateway } = readers;
  const { commissionId, partnerId, campaignId, releaseAt, decisionId } = commission;
  const place = commissionPlaceOf(commissionId) ?? noPlace(commissionId);
  const lot: CommissionLot = { partnerId, campaignId, releaseAt };
  const [assigned] = await rowsOf<PostingRow>(warehouse, assignedQuery(lot, place));
  if (assigned === undefined) return [];
  const steps = [postingStep('commission_assigned', entryOf(assigned), commission)];
  const postings = (cause: 'approved' | 'reserved', since: string, count: number): Promise<PostingRow[]> =>
    rowsOf(warehouse, lotPostingsQuery(lot, cause, Number(since), count));
  const [approved] = await postings('approved', assigned.sequence, 1);
  if (approved) {
    steps.push(postingStep('commission_approved', entryOf(approved), commission));
    const reserved = await postings('reserved', approved.sequence, PAYOUTS_SHOWN);
    // The lot has one release: what lies behind it belongs to later ones.
    for (const row of reserved.filter(({ release_ms }) => release_ms === reserved[0]?.release_ms)) {
      const { payoutId = '', ...entry } = entryOf(row);
      steps.push({ ...postingStep('payout_reserved', entry), amount: entry.amount, payoutId });
      const view = await gateway.query(payoutId, { kind: 'payout' });
      if (view) steps.push(...payoutSteps(view).filter(({ step }) => !FIRST_STEPS.has(step)));
    }
  }
  const reversals = await rowsOf<PostingRow>(warehouse, relatedPostingsQuery(partnerId, { decisionId }, 2));
  const [reversed] = reversals.map(entryOf);
  if (reversed) steps.push(postingStep('commission_reversed', reversed, commission));
  return steps;
}

/** What comes before the account has set something aside. */
const FIRST_STEPS: ReadonlySet<string> = new Set(['payout_requested', 'payout_reserved']);

function postingStep(step: string, entry: LedgerEntry, commission?: Commission): SagaStep {
  return {
    at: entry.at,
    step,
    ...(commission && { amount: commission.amount, decisionId: commission.decisionId }),
    ledgerEntryId: entry.id,
  };
}

function payoutSteps({ payoutId, steps, transferId }: PayoutView): SagaStep[] {
  return steps.map(({ at, step, detail }) => ({
    at,
    step: `payout_${step}`,
    payoutId,
    ...((detail ?? (step === 'succeeded' ? transferId : undefined)) !== undefined && {
      detail: detail ?? (transferId as string),
    }),
  }));
}

/** What the account has booked of a payout: one step for all lots that were booked at once. */
function bookings(entries: readonly LedgerEntry[]): SagaStep[] {
  const byRecord = new Map<string, SagaStep & { readonly amount: Amount }>();
  for (const { id, at, cause, amount, payoutId } of entries) {
    const key = `${at} ${cause}`;
    const known = byRecord.get(key);
    byRecord.set(key, {
      at,
      step: `account_${cause}`,
      amount: { micros: (known?.amount.micros ?? 0n) + amount.micros, currency: amount.currency },
      ...(payoutId !== undefined && { payoutId }),
      ledgerEntryId: known?.ledgerEntryId ?? id,
    });
  }
  return [...byRecord.values()];
}

/** Of those that happened at the same time, the one that is listed first comes first. */
function inOrder(steps: readonly SagaStep[]): SagaStep[] {
  return [...steps].sort((a, b) => a.at - b.at);
}

function rowsOf<Row>(
  warehouse: Pick<Warehouse, 'query'>,
  { text, parameters }: WarehouseQuery,
): Promise<Row[]> {
  return warehouse.query<Row>(text, parameters);
}

function noPlace(commissionId: string): never {
  throw noCommission(commissionId);
}
