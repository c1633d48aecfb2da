/**
 * Refunds: a conversion that counted is taken back, once for ever. What it was worth, what its partners have earned
 * by it and, where the terms of its time say so, what the brand has paid for it, go out of the figures; that it was
 * counted stays. Caps count what was accepted: they get nothing back.
 */
import { currencyOf } from '../../model/campaign.ts';
import { decodeClickId } from '../../model/click-id.ts';
import type { RefundReceipt } from '../../model/commissions.ts';
import type { Failure } from '../../model/errors.ts';
import type { FingerprintKey } from '../../model/fingerprint.ts';
import { inCurrency } from './budget/budget-announce.ts';
import { giveBack } from './budget/budget-book.ts';
import { conversionWords, type FoundConversion } from './conversion-book.ts';
import { clickGoalKey, transactionKey } from './conversion-key.ts';
import { lookAtKpis } from './kpi-state.ts';
import { type CommandOutcome, type Given, refuse } from './outcome.ts';
import type { CampaignState } from './state.ts';

/** Name of the command. */
export const REFUND = 'refund';

/** Payload of `refund`: the conversion's transaction, or, where it came without one, its click and goal. */
export interface RefundCommand {
  readonly transactionId?: string;
  readonly clickId?: string;
  /** Absent: the conversion had none. */
  readonly goal?: string;
  readonly reason?: string;
}

/** The fingerprint that the conversion is known by, if the payload names one. */
export function refundKey(
  key: FingerprintKey,
  campaignId: string,
  payload: unknown,
): Uint32Array | undefined {
  const { transactionId, clickId, goal = '' } = (payload ?? {}) as RefundCommand;
  const words = conversionWords();
  if (typeof transactionId === 'string') {
    transactionKey(key, campaignId, transactionId, words);
    return words;
  }
  const click = typeof clickId === 'string' ? decodeClickId(clickId) : undefined;
  if (!click || typeof goal !== 'string') return undefined;
  clickGoalKey(key, click, goal, words);
  return words;
}

/** Takes a conversion back. */
export function refund(state: CampaignState, given: Given): CommandOutcome {
  const payload = given.command.payload as RefundCommand;
  const { found } = given.refunds;
  const failure = refusal(state, payload, found);
  if (failure || !found) return refuse(state, failure ?? unknown(state, payload));
  const commissionMicros = found.earned.reduce((sum, { micros }) => sum + micros, 0);
  const { totals } = state;
  totals.revenueMicros -= BigInt(found.revenueMicros);
  totals.commissionMicros -= BigInt(commissionMicros);
  totals.spendMicros -= BigInt(found.refundableMicros);
  giveBack(state, found.refundableMicros, found.allocation, found.day);
  lookAtKpis(state.kpis, given.time);
  given.refunds.record(found, payload.reason ?? '');
  tell(state, given, found, commissionMicros);
  const receipt: RefundReceipt = {
    campaignId: state.campaignId,
    decisionId: found.decisionId,
    occurredAt: found.occurredAt,
    refundedAt: given.time,
    currency: currencyOf(state.definition) ?? 'USD',
    revenueMicros: found.revenueMicros,
    spendMicros: found.refundableMicros,
    commissionMicros,
    reversed: found.earned.map(({ partnerId, micros }) => ({ partnerId, micros })),
  };
  return { answer: { ok: true, view: receipt }, state };
}

/** Why there is nothing to be refunded, as far as that can be told without the conversion. */
function refusal(
  state: CampaignState,
  payload: RefundCommand,
  found: FoundConversion | undefined,
): Failure | undefined {
  const { status, budget } = state;
  if (budget.launchedAt === undefined)
    return {
      code: 'failed_precondition',
      message: 'cannot refund a conversion of a campaign that has never run',
      state: status,
    };
  if (found?.isRefunded)
    return {
      code: 'already_exists',
      message: `the conversion of ${nameOf(payload)} was refunded before`,
      conversion: nameOf(payload),
    };
  const { transactionId, clickId } = payload;
  if (transactionId !== undefined || clickId === undefined) return undefined;
  const click = decodeClickId(clickId);
  if (click?.campaignId === state.campaignId) return undefined;
  const description = click ? `is one of campaign ${click.campaignId}` : 'is not a click id';
  return {
    code: 'invalid_argument',
    message: `click_id ${description}`,
    violations: [{ field: 'click_id', description }],
  };
}

function unknown({ campaignId }: CampaignState, payload: RefundCommand): Failure {
  const more = payload.transactionId === undefined ? '; one with a transaction is known by that alone' : '';
  return {
    code: 'not_found',
    message: `campaign ${campaignId} has counted no conversion of ${nameOf(payload)}${more}`,
    conversion: nameOf(payload),
  };
}

function nameOf({ transactionId, clickId, goal }: RefundCommand): string {
  if (transactionId !== undefined) return `transaction ${transactionId}`;
  return `click ${clickId} ${goal === undefined ? 'without a goal' : `and goal ${goal}`}`;
}

function tell(
  state: CampaignState,
  { command, announce }: Given,
  { decisionId, occurredAt, partnerId, revenueMicros, refundableMicros, earned }: FoundConversion,
  commissionMicros: number,
): void {
  const { transactionId, clickId, goal, reason } = command.payload as RefundCommand;
  announce('conversion.refunded', {
    decision_id: decisionId,
    ...(transactionId !== undefined && { transaction_id: transactionId }),
    ...(transactionId === undefined && { click_id: clickId, ...(goal !== undefined && { goal }) }),
    ...(partnerId !== '' && { partner_id: partnerId }),
    occurred_at: new Date(occurredAt).toISOString(),
    revenue: inCurrency(state, revenueMicros),
    spend: inCurrency(state, refundableMicros),
    commission: inCurrency(state, commissionMicros),
    reversed: earned.map(({ partnerId: earner, micros, releaseAt }) => ({
      partner_id: earner,
      amount: inCurrency(state, micros),
      release_at: new Date(releaseAt).toISOString(),
    })),
    ...(reason !== undefined && { reason }),
    by: command.principal.subject,
  });
}
