/**
 * The slots of a partner: a campaign takes one before it is launched, and keeps it until it is over. As all of
 * a partner's campaigns ask one actor, there are never more of them than it may run, nor may they together spend
 * more in a month, however many are launched at once.
 *
 * Each time a slot is taken it is granted anew. The campaign goes by its latest grant, and once it has seen one it
 * takes none before that: so whoever knows the campaign's state as of a grant may settle the slot by that grant,
 * and is not heard if it was taken again meanwhile.
 */
import { limits } from '../../limits.ts';
import type { FieldViolation } from '../../model/errors.ts';
import { formatMicros, type Money } from '../../model/money.ts';
import type { Slot, SlotView } from '../../model/partner.ts';
import { type CampaignTerms, ROOM_FIELDS, refusedTerms } from '../../model/partner-terms.ts';
import type { GivenCommand as Given } from '../given.ts';
import { type CommandOutcome, refuse, succeed } from './outcome.ts';
import { type PartnerState, slotOf } from './state.ts';
import { viewOf } from './view.ts';

export interface SlotRequest {
  readonly campaignId: string;
  readonly terms: CampaignTerms;
  /** Whether it runs already, and may do no more than it does: then that is not in question. */
  readonly isNoMore?: boolean;
}

/** What has become of a campaign that holds a slot. */
export interface SlotSettlement {
  readonly campaignId: string;
  /** The grant as of which that is known. */
  readonly grant: number;
  /** Whether it is launched and not over. */
  readonly isRunning: boolean;
  /** What it may spend in a month. */
  readonly monthly?: Money;
}

/** Grants a slot to a campaign, or grants its slot anew. What it may spend is the most that was asked for. */
export function takeSlot(state: PartnerState, { command, time, sequence }: Given): CommandOutcome {
  const { campaignId, terms, isNoMore } = command.payload as SlotRequest;
  const held = slotOf(state, campaignId);
  const monthly = larger(terms.monthly, held?.monthly);
  const isAllowed = held !== undefined && isNoMore === true;
  const refused = isAllowed
    ? []
    : [...refusedTerms(state.definition, terms, true), ...lackOfRoom(state, held, monthly)];
  if (refused.length > 0)
    return refuse(state, {
      code: 'failed_precondition',
      message: `partner ${state.partnerId} may not run campaign ${campaignId}: ${refused.map(textOf).join('; ')}`,
      violations: refused,
    });
  const slot: Slot = { campaignId, grant: sequence, takenAt: time, ...(monthly && { monthly }) };
  state.slots = held ? state.slots.map((other) => (other === held ? slot : other)) : [...state.slots, slot];
  const view: SlotView = { ...viewOf(state), grant: sequence };
  return { answer: { ok: true, view }, state };
}

/** Gives a slot back, or corrects what its campaign may spend; nothing if it was granted anew since. */
export function settleSlot(state: PartnerState, { command }: Given): CommandOutcome {
  const { campaignId, grant, isRunning, monthly } = command.payload as SlotSettlement;
  const held = slotOf(state, campaignId);
  if (held && held.grant <= grant)
    state.slots = state.slots.flatMap((slot) => {
      if (slot !== held) return [slot];
      const { grant: latest, takenAt } = slot;
      return isRunning ? [{ campaignId, grant: latest, takenAt, ...(monthly && { monthly }) }] : [];
    });
  return succeed(state);
}

function lackOfRoom(
  state: PartnerState,
  held: Slot | undefined,
  monthly: Money | undefined,
): FieldViolation[] {
  const { maxActiveCampaigns, monthlyBudget } = state.definition.limits;
  const lacking: FieldViolation[] = [];
  const most = Math.min(maxActiveCampaigns ?? Number.POSITIVE_INFINITY, limits.slotsPerPartner);
  if (!held && state.slots.length >= most)
    lacking.push({
      field: ROOM_FIELDS.slots,
      description: `is ${most}, and ${state.slots.length} are scheduled, active or paused: complete or cancel one, or raise it`,
    });
  if (monthlyBudget) {
    const { micros, currency } = monthlyBudget;
    // The sum of many is no safe integer. What was launched in another currency, before there was a limit, is not of it.
    let sum = BigInt(monthly?.micros ?? 0);
    for (const slot of state.slots)
      if (slot !== held && slot.monthly?.currency === currency) sum += BigInt(slot.monthly.micros);
    if (sum > BigInt(micros))
      lacking.push({
        field: ROOM_FIELDS.monthly,
        description:
          `is ${formatMicros(micros, currency)} ${currency}, and with this campaign those that are launched may ` +
          `spend ${formatMicros(sum, currency)} in a month: lower its budget, end another, or raise the limit`,
      });
  }
  return lacking;
}

function larger(asked: Money | undefined, held: Money | undefined): Money | undefined {
  if (!asked || !held || asked.currency !== held.currency) return asked;
  return asked.micros >= held.micros ? asked : held;
}

function textOf({ field, description }: FieldViolation): string {
  return `${field} ${description}`;
}
