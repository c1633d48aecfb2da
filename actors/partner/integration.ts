/**
 * What other systems tell of a partner: that its contract is active, that its data were checked. They tell it at
 * least once, and not always in order. So each event is taken once, by its id; and of two that speak of the same,
 * the later one counts, whichever comes first. A partner that is not known yet is registered with the first.
 */
import { limits } from '../../limits.ts';
import { MICROS } from '../../model/money.ts';
import {
  FULLY_VALIDATED_LIMITS,
  type PartnerDefinition,
  type PartnerLimits,
  type PartnerPermissions,
  type ValidationStatus,
} from '../../model/partner.ts';
import type { GivenCommand as Given } from '../given.ts';
import { type CommandOutcome, noteChange, succeed } from './outcome.ts';
import { changedFields, registered } from './registration.ts';
import type { PartnerState } from './state.ts';

/** An active contract. Parts of permissions and limits that it does not speak of stay as they are. */
export interface ContractActivation {
  /** When it happened, milliseconds since the epoch; absent: when it came. */
  readonly at?: number;
  readonly contractId?: string;
  readonly currency: string;
  readonly permissions: Partial<PartnerPermissions>;
  readonly limits: PartnerLimits;
}

export interface Validation {
  readonly at?: number;
  readonly status: ValidationStatus;
}

/** A contract has become active: the partner may create campaigns, unless the contract says otherwise. */
export function activateContract(existing: PartnerState | undefined, given: Given): CommandOutcome {
  const state = existing ?? registered(newcomer(given), given);
  if (!isNew(state, given)) return succeed(state);
  const contract = given.command.payload as ContractActivation;
  const at = happenedAt(contract.at, given);
  const changed: string[] = [];
  if (at >= state.asOf.contract) {
    state.asOf.contract = at;
    if (contract.contractId !== undefined && contract.contractId !== state.contractId) {
      state.contractId = contract.contractId;
      changed.push('contract_id');
    }
  }
  if (at >= state.asOf.limits) {
    state.asOf.limits = at;
    state.currency = contract.currency;
    changed.push(
      ...changeDefinition(state, {
        permissions: { campaignCreation: true, ...contract.permissions },
        limits: contract.limits,
      }),
    );
  }
  noteChange(state, changed, given);
  return succeed(state);
}

/** The partner's data were checked. Full validation raises what it may do. */
export function validate(existing: PartnerState | undefined, given: Given): CommandOutcome {
  const state = existing ?? registered(newcomer(given), given);
  if (!isNew(state, given)) return succeed(state);
  const { status, at: told } = given.command.payload as Validation;
  const at = happenedAt(told, given);
  const changed: string[] = [];
  if (at >= state.asOf.validation) {
    state.asOf.validation = at;
    if (status !== state.validationStatus) {
      state.validationStatus = status;
      changed.push('validation_status');
    }
  }
  if (status === 'FULLY_VALIDATED' && at >= state.asOf.limits) {
    state.asOf.limits = at;
    const { currency } = state;
    changed.push(
      ...changeDefinition(state, {
        permissions: { advancedTargeting: true },
        limits: {
          dailyBudget: { micros: FULLY_VALIDATED_LIMITS.dailyBudget * MICROS, currency },
          monthlyBudget: { micros: FULLY_VALIDATED_LIMITS.monthlyBudget * MICROS, currency },
          maxActiveCampaigns: FULLY_VALIDATED_LIMITS.maxActiveCampaigns,
        },
      }),
    );
  }
  noteChange(state, changed, given);
  return succeed(state);
}

/** A partner of whom nothing is known but that there is one. */
function newcomer({ command }: Given): PartnerDefinition {
  return {
    name: command.actorId,
    kind: 'AFFILIATE',
    status: 'ACTIVE',
    permissions: { campaignCreation: false, advancedTargeting: false },
    limits: {},
  };
}

/** Whether the event was not taken before; it is remembered. */
function isNew({ eventIds }: PartnerState, { command: { requestId } }: Given): boolean {
  if (requestId === undefined) return true;
  if (eventIds.includes(requestId)) return false;
  eventIds.push(requestId);
  if (eventIds.length > limits.integrationEventIds) eventIds.shift();
  return true;
}

/** A clock that is ahead must not shut out what comes after it. */
function happenedAt(at: number | undefined, { time }: Given): number {
  return Math.min(at ?? time, time);
}

interface Grants {
  readonly permissions: Partial<PartnerPermissions>;
  readonly limits: PartnerLimits;
}

/** Changes some of the permissions and limits. @returns the parts that are other than before */
function changeDefinition(state: PartnerState, grants: Grants): string[] {
  const { permissions, limits: own } = state.definition;
  const { campaignCreation, advancedTargeting } = { ...permissions, ...grants.permissions };
  const { dailyBudget, monthlyBudget, maxActiveCampaigns } = {
    ...inCurrencyOf(grants.limits, own),
    ...grants.limits,
  };
  const next: PartnerDefinition = {
    ...state.definition,
    permissions: { campaignCreation, advancedTargeting },
    limits: {
      ...(dailyBudget && { dailyBudget }),
      ...(monthlyBudget && { monthlyBudget }),
      ...(maxActiveCampaigns !== undefined && { maxActiveCampaigns }),
    },
  };
  const changed = changedFields(state.definition, next);
  state.definition = next;
  return changed;
}

/** The limits that stay beside new ones: amounts of another currency cannot. */
function inCurrencyOf(next: PartnerLimits, own: PartnerLimits): PartnerLimits {
  const currency = (next.dailyBudget ?? next.monthlyBudget)?.currency;
  const { dailyBudget, monthlyBudget, ...others } = own;
  if (currency !== undefined && currency !== (dailyBudget ?? monthlyBudget)?.currency) return others;
  return own;
}
