/** A commission: what a partner has earned by a conversion, and where it stands. */
import { type AccountView, commissionStatus } from '../../../model/account.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import { decisionId } from '../../../model/decision.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { WHOLE_PPM } from '../../../model/terms.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import type { Amount } from '../amount.ts';
import {
  type CommissionPlace,
  type CommissionRow,
  type ReversalRow,
  reversalsQuery,
} from './commission-query.ts';

/** `APPROVED` also while it is set aside for a payout. */
export const COMMISSION_STATUSES = ['HELD', 'APPROVED', 'PAID', 'REVERSED'] as const;
export type CommissionStatus = (typeof COMMISSION_STATUSES)[number];

export interface Commission {
  /** The decision's id and the number of the touch that it is earned for. */
  readonly commissionId: string;
  readonly campaignId: string;
  readonly partnerId: string;
  readonly decisionId: string;
  readonly contentId?: string;
  /** Of the conversion, from 0 to 1, in millionths. */
  readonly share: number;
  /** The partner's share of what the conversion was worth. */
  readonly revenue: Amount;
  readonly amount: Amount;
  readonly status: CommissionStatus;
  /** Milliseconds since the epoch: when the conversion happened, when it was decided, when the hold ends. */
  readonly occurredAt: number;
  readonly earnedAt: number;
  readonly releaseAt: number;
  readonly reversedAt?: number;
}

export interface CommissionReaders {
  readonly gateway: Pick<ActorGateway, 'query'>;
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly now: () => number;
}

/** Actors asked at the same time. */
const QUERIES_AT_ONCE = 50;

/** What rows stand for, with what has become of each by now. */
export async function commissionsOf(
  { gateway, warehouse, now }: CommissionReaders,
  rows: readonly CommissionRow[],
): Promise<Commission[]> {
  if (rows.length === 0) return [];
  const partners = [...new Set(rows.map(({ partner_id }) => partner_id))];
  const campaigns = [...new Set(rows.map(({ campaign_id }) => campaign_id))];
  const accounts = await answersOf(partners, (id) => gateway.query(id, { kind: 'account' }));
  const figures = await answersOf(campaigns, (id) => gateway.query(id, { kind: 'metrics' }));
  const { text, parameters } = reversalsQuery(partners, [...new Set(rows.map(decisionOf))]);
  const reversals = new Map(
    (await warehouse.query<ReversalRow>(text, parameters)).map((row) => [
      `${row.partner_id} ${row.decision_id}`,
      Number(row.recorded_ms),
    ]),
  );
  const asOf = now();
  return rows.map((row) => {
    const currency = figures.get(row.campaign_id)?.currency ?? '';
    const reversedAt = reversals.get(`${row.partner_id} ${decisionOf(row)}`);
    const status =
      reversedAt === undefined ? standingOf(row, accounts.get(row.partner_id), currency, asOf) : 'REVERSED';
    return commissionOf(row, currency, status, reversedAt);
  });
}

function standingOf(
  { campaign_id, release_ms }: CommissionRow,
  account: AccountView | undefined,
  currency: string,
  asOf: number,
): CommissionStatus {
  const balance = account?.balances.find((candidate) => candidate.currency === currency);
  const status = commissionStatus(balance ?? { paidUpTo: {} }, campaign_id, Number(release_ms), asOf);
  return status === 'IN_TRANSIT' ? 'APPROVED' : status;
}

function commissionOf(
  row: CommissionRow,
  currency: string,
  status: CommissionStatus,
  reversedAt: number | undefined,
): Commission {
  return {
    commissionId: commissionIdOf(row),
    campaignId: row.campaign_id,
    partnerId: row.partner_id,
    decisionId: decisionOf(row),
    ...(row.content_id !== '' && { contentId: row.content_id }),
    share: row.share_ppm / WHOLE_PPM,
    revenue: { micros: BigInt(row.revenue_micros), currency },
    amount: { micros: BigInt(row.commission_micros), currency },
    status,
    occurredAt: Number(row.occurred_ms),
    earnedAt: Number(row.recorded_ms),
    releaseAt: Number(row.release_ms),
    ...(reversedAt !== undefined && { reversedAt }),
  };
}

function commissionIdOf(row: CommissionRow): string {
  return `${decisionOf(row)}-${row.touch.toString(36)}`;
}

function decisionOf({ partition, sequence, row }: CommissionRow): string {
  return decisionId(partition, Number(sequence), row);
}

/** The place that an id names; `undefined`: it is none of a commission. */
export function commissionPlaceOf(commissionId: string): Omit<CommissionPlace, 'recordedAt'> | undefined {
  const match = /^([0-9a-z]{1,4})-([0-9a-z]{1,11})-([0-9a-z]{1,7})-([0-9a-z]{1,2})$/.exec(commissionId);
  if (!match) return undefined;
  const [partition, sequence, row, touch] = match.slice(1).map((part) => Number.parseInt(part, 36)) as [
    number,
    number,
    number,
    number,
  ];
  const exists = partition < 2 ** 16 && Number.isSafeInteger(sequence) && row < 2 ** 32 && touch < 2 ** 8;
  return exists ? { partition, sequence, row, touch } : undefined;
}

export function noCommission(commissionId: string): TurnpikeError {
  return new TurnpikeError({
    code: 'not_found',
    message: `there is no commission ${commissionId}`,
    commissionId,
  });
}

async function answersOf<Answer>(
  ids: readonly string[],
  ask: (id: string) => Promise<Answer>,
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (let from = 0; from < ids.length; from += QUERIES_AT_ONCE) {
    const some = ids.slice(from, from + QUERIES_AT_ONCE);
    const given = await Promise.all(some.map(ask));
    for (const [index, id] of some.entries()) answers.set(id, given[index] as Answer);
  }
  return answers;
}
