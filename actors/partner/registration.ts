/** Registering a partner, changing what it is, and associating it with campaigns. */
import { limits } from '../../limits.ts';
import type { Failure } from '../../model/errors.ts';
import { type PartnerDefinition, USUAL_CURRENCY } from '../../model/partner.ts';
import type { GivenCommand as Given } from '../given.ts';
import { announceAssociation, announceRegistration } from './announce.ts';
import { type CommandOutcome, noteChange, refuse, succeed } from './outcome.ts';
import type { PartnerState } from './state.ts';

/** Parts of a definition as clients know them, in the order in which they are told. */
const FIELDS = [
  'name',
  'kind',
  'status',
  'permissions',
  'limits',
] as const satisfies readonly (keyof PartnerDefinition)[];

/** Registers a partner. */
export function register(existing: PartnerState | undefined, given: Given): CommandOutcome {
  const { command } = given;
  if (existing)
    return refuse(existing, {
      code: 'already_exists',
      message: `partner_id ${command.actorId} is taken; choose another or leave it out`,
      partnerId: command.actorId,
    });
  return succeed(registered(command.payload as PartnerDefinition, given));
}

/** A partner that is there from now on. */
export function registered(
  definition: PartnerDefinition,
  { command, time, sequence, announce }: Given,
): PartnerState {
  const state: PartnerState = {
    partnerId: command.actorId,
    definition,
    validationStatus: 'NOT_VALIDATED',
    contractId: undefined,
    currency: currencyOf(definition) ?? USUAL_CURRENCY,
    createdAt: time,
    updatedAt: time,
    updatedBy: command.principal.subject,
    version: 1,
    revision: sequence,
    asOf: { limits: 0, contract: 0, validation: 0 },
    eventIds: [],
    campaigns: [],
    contents: [],
    slots: [],
    answers: [],
  };
  announceRegistration(state, announce);
  return state;
}

/** Gives the partner the definition of the payload. One that it has already changes nothing. */
export function update(state: PartnerState, given: Given): CommandOutcome {
  const next = given.command.payload as PartnerDefinition;
  const changed = changedFields(state.definition, next);
  if (changed.includes('permissions') || changed.includes('limits')) state.asOf.limits = given.time;
  state.definition = next;
  state.currency = currencyOf(next) ?? state.currency;
  noteChange(state, changed, given);
  return succeed(state);
}

/** Associates the partner with a campaign; once is enough. */
export function associate(state: PartnerState, given: Given): CommandOutcome {
  const { campaignId } = given.command.payload as { readonly campaignId: string };
  const refusal = addAssociation(state, campaignId, given);
  return refusal ? refuse(state, refusal) : succeed(state);
}

/** @returns why there can be no more of them, if it is not associated with the campaign already */
export function addAssociation(
  state: PartnerState,
  campaignId: string,
  { command, announce }: Given,
): Failure | undefined {
  if (state.campaigns.includes(campaignId)) return undefined;
  if (state.campaigns.length >= limits.associationsPerPartner)
    return {
      code: 'failed_precondition',
      message: `a partner can be associated with ${limits.associationsPerPartner} campaigns at most`,
    };
  state.campaigns.push(campaignId);
  announceAssociation(campaignId, command.principal.subject, announce);
  return undefined;
}

/** The parts in which two definitions differ, as clients know them. */
export function changedFields(from: PartnerDefinition, to: PartnerDefinition): string[] {
  return FIELDS.filter((field) => !isSame(from[field], to[field]));
}

/** Of its limits, if they have one. */
export function currencyOf({
  limits: { dailyBudget, monthlyBudget },
}: PartnerDefinition): string | undefined {
  return (dailyBudget ?? monthlyBudget)?.currency;
}

/** Whoever makes a definition lists its parts in one order; see `management/application/partner-draft.ts`. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
