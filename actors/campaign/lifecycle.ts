/** The life of a campaign: from which status which verb leads to which, and what it takes. */
import { type CampaignDefinition, type CampaignStatus, totalsToJson } from '../../model/campaign.ts';
import { REASONS } from '../../model/decision.ts';
import type { Announce } from '../announcements.ts';
import { announceCreation, announceStatus } from './announce.ts';
import { emptyBook } from './budget/budget-book.ts';
import { planDay } from './budget/budget-pace.ts';
import { capUseOf } from './budget/caps.ts';
import { UNCLEAR } from './budget/clearance.ts';
import { feeShortages, payFee } from './budget/fee.ts';
import { endOfDay } from './calendar.ts';
import { kpiStateOf } from './kpi-state.ts';
import { missingForLaunch } from './launch.ts';
import { MicrosSum } from './micros-sum.ts';
import { OpenTotals } from './open-totals.ts';
import { type CommandOutcome, type Given, markChanged, refuse, succeed } from './outcome.ts';
import { type CampaignState, exhaustion, pausesWhenExhausted, zoneOf } from './state.ts';

interface Transition {
  readonly from: readonly CampaignStatus[];
  readonly to: CampaignStatus;
}

export const TRANSITIONS = {
  schedule: { from: ['DRAFT'], to: 'SCHEDULED' },
  activate: { from: ['DRAFT', 'SCHEDULED'], to: 'ACTIVE' },
  pause: { from: ['ACTIVE'], to: 'PAUSED' },
  resume: { from: ['PAUSED'], to: 'ACTIVE' },
  complete: { from: ['ACTIVE', 'PAUSED'], to: 'COMPLETED' },
  cancel: { from: ['DRAFT', 'SCHEDULED', 'ACTIVE', 'PAUSED'], to: 'CANCELLED' },
} as const satisfies Record<string, Transition>;
export type LifecycleVerb = keyof typeof TRANSITIONS;

/** Makes a campaign, as a draft. */
export function create(
  existing: CampaignState | undefined,
  { command, time, sequence, announce }: Given,
): CommandOutcome {
  if (existing)
    return refuse(existing, {
      code: 'already_exists',
      message: `campaign_id ${command.actorId} is taken; choose another or leave it out`,
    });
  const definition = command.payload as CampaignDefinition;
  const created: CampaignState = {
    campaignId: command.actorId,
    definition,
    pastTerms: [],
    status: 'DRAFT',
    createdAt: time,
    updatedAt: time,
    version: 1,
    revision: sequence,
    statusReason: undefined,
    statusChangedBy: command.principal.subject,
    final: undefined,
    totals: new OpenTotals(),
    today: { endsAt: endOfDay(time, zoneOf(definition)), spend: new MicrosSum() },
    capUse: capUseOf(definition, time),
    grant: 0,
    reachedPercent: 0,
    budget: emptyBook(),
    clearMicros: UNCLEAR,
    kpis: kpiStateOf(definition),
    answers: [],
  };
  planDay(created);
  announceCreation(created, announce);
  return succeed(created);
}

/** Leads a campaign on in its life. */
export function move(state: CampaignState, verb: LifecycleVerb, given: Given): CommandOutcome {
  const { command, time, sequence, announce } = given;
  const { from, to }: Transition = TRANSITIONS[verb];
  if (!from.includes(state.status))
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot ${verb} a campaign that is ${state.status}; it must be ${from.join(' or ')}`,
      state: state.status,
    });
  if (to === 'ACTIVE' || to === 'SCHEDULED') {
    const missing = [...missingForLaunch(state.definition, to, time), ...feeShortages(state)];
    if (missing.length > 0)
      return refuse(state, {
        code: 'failed_precondition',
        message: `cannot ${verb}: still missing ${missing.map((item) => item.field).join(', ')}`,
        state: state.status,
        violations: missing,
      });
  }
  if (verb === 'resume' && pausesWhenExhausted(state) && exhaustion(state) === REASONS.budget_exhausted)
    return refuse(state, {
      code: 'failed_precondition',
      message: 'cannot resume: the budget is used up',
      state: state.status,
      violations: [{ field: 'budget.total', description: 'raise it first' }],
    });
  const reason = (command.payload as { reason?: string } | null)?.reason;
  enter(state, to, reason, command.principal.subject, time, sequence, announce);
  payFee(state, given);
  return succeed(state);
}

/** Changes the status and what goes with it, and makes it known. */
export function enter(
  state: CampaignState,
  status: CampaignStatus,
  reason: string | undefined,
  by: string,
  time: number,
  sequence: number,
  announce: Announce,
): void {
  const previous = state.status;
  state.status = status;
  state.statusReason = reason;
  state.statusChangedBy = by;
  if (status === 'ACTIVE') state.budget.launchedAt ??= time;
  markChanged(state, { time, sequence });
  if (status === 'COMPLETED') state.final = { completedAt: time, totals: totalsToJson(state.totals) };
  announceStatus(state, previous, announce);
}
