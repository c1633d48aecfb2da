/** What a campaign keeps of a conversion that counted, so that it can be refunded: a line of JSON. */
import { releaseOf } from '../../model/commissions.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { FIELD } from '../../model/event-batch.ts';
import type { Decision } from './decide.ts';
import type { CampaignState } from './state.ts';
import { termsAt } from './terms.ts';

/** What a partner has earned by a conversion, of which the hold ends at one time. */
export interface EarnedShare {
  readonly partnerId: string;
  readonly micros: number;
  /** Milliseconds since the epoch, a whole hour. */
  readonly releaseAt: number;
}

export interface ConversionRecord {
  /** Its place in the log. */
  readonly sequence: number;
  readonly row: number;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  /** The partner that it names; empty: none. */
  readonly partnerId: string;
  readonly revenueMicros: number;
  /** The part of its spend that a refund gives back. */
  readonly refundableMicros: number;
  /** Who has paid for it: the name of an allocation; empty: what is not allocated. */
  readonly allocation: string;
  /** The day on which it was paid for, since the epoch, by the campaign's time zone. */
  readonly day: number;
  /** At most one for each partner and release. */
  readonly earned: readonly EarnedShare[];
}

type RecordJson = readonly [
  sequence: number,
  row: number,
  occurredAt: number,
  partnerId: string,
  revenueMicros: number,
  refundableMicros: number,
  allocation: string,
  day: number,
  ...earned: (readonly [partnerId: string, micros: number, releaseAt: number])[],
];

/**
 * The record of the current row of `batch`, a conversion that is accepted.
 *
 * @param time record time, milliseconds since the epoch
 */
export function recordOf(
  state: CampaignState,
  batch: EventBatch,
  decision: Decision,
  time: number,
  sequence: number,
): ConversionRecord {
  const { budget } = state;
  const { commission } = termsAt(state, batch.occurredAt);
  return {
    sequence,
    row: batch.row,
    occurredAt: batch.occurredAt,
    partnerId: batch.string(FIELD.partnerId) ?? '',
    revenueMicros: decision.revenueMicros,
    refundableMicros: commission?.refundsBudget ? decision.spendMicros : 0,
    allocation: budget.allocations[decision.payer]?.name ?? '',
    day: budget.today,
    earned: sharesOf(decision, time),
  };
}

/** What each partner has earned, by release, in the order in which they are credited. */
function sharesOf({ earnings }: Decision, time: number): EarnedShare[] {
  const shares: EarnedShare[] = [];
  for (const { partnerId, micros, holdMs } of earnings) {
    const releaseAt = releaseOf(time, holdMs);
    const at = shares.findIndex((share) => share.partnerId === partnerId && share.releaseAt === releaseAt);
    const known = shares[at];
    if (known) shares[at] = { ...known, micros: known.micros + micros };
    else shares.push({ partnerId, micros, releaseAt });
  }
  return shares;
}

export function encodeRecord(record: ConversionRecord): string {
  const json: RecordJson = [
    record.sequence,
    record.row,
    record.occurredAt,
    record.partnerId,
    record.revenueMicros,
    record.refundableMicros,
    record.allocation,
    record.day,
    ...record.earned.map(({ partnerId, micros, releaseAt }) => [partnerId, micros, releaseAt] as const),
  ];
  return JSON.stringify(json);
}

export function decodeRecord(line: string): ConversionRecord {
  const [
    sequence,
    row,
    occurredAt,
    partnerId,
    revenueMicros,
    refundableMicros,
    allocation,
    day,
    ...earned
  ]: RecordJson = JSON.parse(line);
  return {
    sequence,
    row,
    occurredAt,
    partnerId,
    revenueMicros,
    refundableMicros,
    allocation,
    day,
    earned: earned.map(([id, micros, releaseAt]) => ({ partnerId: id, micros, releaseAt })),
  };
}
