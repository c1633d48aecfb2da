/** Asking for a payout, and what the partner's account answers. */
import { limits } from '../../limits.ts';
import type { Command } from '../../model/command.ts';
import type { Failure, FieldViolation } from '../../model/errors.ts';
import { formatMicros, isCurrency, payableUnitMicros } from '../../model/money.ts';
import type { PayoutRequest } from '../../model/payout.ts';
import { payoutIdOf, SCHEDULED_REFERENCE } from '../../model/payout-id.ts';
import type {
  OpenPayload,
  RefusedPayload,
  ReservedPayload,
  ReservePayload,
} from '../../model/payout-messages.ts';
import { announcePending } from './announce.ts';
import { type Effects, note } from './effects.ts';
import { fail, process, type Reservation, release } from './settlement.ts';
import type { PayoutState } from './state.ts';

/** The payout that a command asks for, which asks the account for its money; or why there is none. */
export function request(command: Command, effects: Effects): PayoutState | Failure {
  const wanted = command.payload as PayoutRequest;
  const violations = violationsOf(wanted);
  if (command.actorId !== payoutIdOf(wanted.partnerId, wanted.reference))
    violations.push({ field: 'payout_id', description: 'is not that of the partner and the reference' });
  const [first] = violations;
  if (first) return { code: 'invalid_argument', message: `${first.field} ${first.description}`, violations };
  const state = created(command.actorId, wanted, command.principal.subject, effects);
  const payload: ReservePayload = {
    payoutId: state.payoutId,
    currency: state.currency,
    ...(wanted.micros !== undefined && { micros: String(wanted.micros) }),
    isAdvance: state.isAdvance,
  };
  effects.tell({ actorKind: 'account', actorId: state.partnerId, name: 'reserve', payload });
  return state;
}

/** Why a payout that is there is not the one that is asked for; `undefined`: it is. */
export function otherPayout(state: PayoutState, { payload }: Command): Failure | undefined {
  const { micros, currency, isAdvance, destination } = payload as PayoutRequest;
  const violations: FieldViolation[] = [];
  const differs = (field: string, was: string, is: string): void => {
    if (was !== is)
      violations.push({ field, description: `was ${was} when it was asked for, and is ${is} now` });
  };
  differs('amount', amountText(state.wantedMicros, state.currency), amountText(micros, currency));
  differs('is_advance', String(state.isAdvance), String(isAdvance));
  differs('destination', state.wantedDestination ?? 'not given', destination ?? 'not given');
  const [first] = violations;
  if (!first) return undefined;
  const { reference, partnerId, payoutId } = state;
  return {
    code: 'already_exists',
    message: `reference ${reference} of partner ${partnerId} is another payout: ${first.field} ${first.description}`,
    violations,
    payoutId,
  };
}

/** A payout by the partner's schedule: its money is set aside already. */
export function open(payoutId: string, payload: OpenPayload, effects: Effects): PayoutState {
  const { partnerId, currency, reference } = payload;
  const state = created(payoutId, { partnerId, currency, reference, isAdvance: false }, 'system', effects);
  process(state, reservationOf(payload), effects);
  return state;
}

/** The account has set the money aside. */
export function reserved(state: PayoutState, payload: ReservedPayload, effects: Effects): void {
  if (state.isReserved) return;
  const reservation = reservationOf(payload);
  if (state.status === 'PENDING') {
    process(state, reservation, effects);
    return;
  }
  // It was refused before: nobody will ask for the money.
  state.isReserved = true;
  state.micros = reservation.micros;
  release(state, effects);
}

/** The account has not set the money aside. */
export function refused(state: PayoutState, { code, message }: RefusedPayload, effects: Effects): void {
  if (state.status === 'PENDING') fail(state, 'refused', { code, message }, effects);
}

function created(
  payoutId: string,
  { partnerId, currency, reference, isAdvance, micros, destination }: PayoutRequest,
  requestedBy: string,
  effects: Effects,
): PayoutState {
  const state: PayoutState = {
    payoutId,
    partnerId,
    currency,
    reference,
    isAdvance,
    wantedMicros: micros,
    wantedDestination: destination,
    createdAt: effects.time,
    requestedBy,
    status: 'PENDING',
    micros: 0,
    lots: [],
    destination,
    failure: undefined,
    isReserved: false,
    isSettled: false,
    attempts: 0,
    awaited: 0,
    nextAttemptAt: undefined,
    transferId: undefined,
    reversedMicros: 0,
    steps: [],
    updatedAt: effects.time,
    version: 0,
  };
  note(state, 'requested', effects, amountText(micros, currency));
  announcePending(state, effects.announce);
  return state;
}

function reservationOf({ micros, lots, destination }: ReservedPayload): Reservation {
  return {
    micros: Number(micros),
    lots: lots.map((lot) => ({
      campaignId: lot.campaignId,
      releaseAt: lot.releaseAt,
      micros: Number(lot.micros),
    })),
    destination,
  };
}

function violationsOf({
  micros,
  currency,
  reference,
  isAdvance,
  destination,
}: PayoutRequest): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const violate = (field: string, description: string): void => void violations.push({ field, description });
  if (!isCurrency(currency)) violate('amount.currency', `${currency} is no ISO 4217 currency`);
  else if (micros !== undefined && !isPayable(micros, currency))
    violate('amount', `must be ${payable(currency)}`);
  if (isAdvance && micros === undefined) violate('amount', 'must be given for an advance');
  if (reference.length === 0 || reference.length > limits.idLength)
    violate('reference', `must have 1 to ${limits.idLength} characters`);
  else if (reference.startsWith(SCHEDULED_REFERENCE))
    violate('reference', `must not begin with ${SCHEDULED_REFERENCE}: those are payouts by schedule`);
  if (
    destination !== undefined &&
    (destination.length === 0 || destination.length > limits.destinationLength)
  )
    violate('destination', `must have 1 to ${limits.destinationLength} characters`);
  return violations;
}

function isPayable(micros: number, currency: string): boolean {
  return (
    Number.isSafeInteger(micros) &&
    micros > 0 &&
    micros <= limits.amountMicros &&
    micros % payableUnitMicros(currency) === 0
  );
}

function payable(currency: string): string {
  const unit = formatMicros(payableUnitMicros(currency), currency);
  return `a multiple of ${unit} ${currency} above 0, at most ${formatMicros(limits.amountMicros, currency)}`;
}

function amountText(micros: number | undefined, currency: string): string {
  return micros === undefined
    ? `all ${currency} that is payable`
    : `${formatMicros(micros, currency)} ${currency}`;
}
