/**
 * The commands of a campaign. Each either changes the state and answers with the new view, or answers
 * why not and changes nothing. A command that is repeated gets its first answer.
 */
import { limits } from '../../limits.ts';
import {
  type CampaignDefinition,
  type CampaignStatus,
  type CampaignView,
  emptyTotals,
  totalsToJson,
} from '../../model/campaign.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import { REASONS } from '../../model/decision.ts';
import type { Failure, FieldViolation } from '../../model/errors.ts';
import {
  type Announce,
  announceBudget,
  announceCreation,
  announceStatus,
  announceTargeting,
  announceUpdate,
} from './announce.ts';
import { endOfDay } from './calendar.ts';
import { capUseOf } from './caps.ts';
import { type CampaignState, exhaustion, pausesWhenExhausted, zoneOf } from './state.ts';
import { changedFields, refusedChanges, withOwnKeys } from './update.ts';
import { viewOf } from './view.ts';

export type CampaignAnswer = CommandAnswer<CampaignView>;

/** What a command did: the answer, and the state after it if there is a campaign. */
export interface CommandOutcome {
  readonly answer: CampaignAnswer;
  readonly state: CampaignState | undefined;
}

/** The lifecycle: from which states a verb leads to which. */
const TRANSITIONS: Readonly<
  Record<string, { readonly from: readonly CampaignStatus[]; readonly to: CampaignStatus }>
> = {
  schedule: { from: ['DRAFT'], to: 'SCHEDULED' },
  activate: { from: ['DRAFT', 'SCHEDULED'], to: 'ACTIVE' },
  pause: { from: ['ACTIVE'], to: 'PAUSED' },
  resume: { from: ['PAUSED'], to: 'ACTIVE' },
  complete: { from: ['ACTIVE', 'PAUSED'], to: 'COMPLETED' },
  cancel: { from: ['DRAFT', 'SCHEDULED', 'ACTIVE', 'PAUSED'], to: 'CANCELLED' },
};

/**
 * Handles a command.
 *
 * @param state the campaign, or `undefined` if there is none under this id
 * @param time record time, milliseconds since the epoch
 * @param sequence the command's place in the log
 * @param announce is told what has happened
 */
export function handleCommand(
  state: CampaignState | undefined,
  command: Command,
  time: number,
  sequence: number,
  announce: Announce,
): CommandOutcome {
  const first = state && remembered(state, command);
  if (first) return { answer: first, state };
  const outcome = perform(state, command, time, sequence, announce);
  // A refusal changed nothing, so it needs no memory: asking again is harmless and may succeed.
  if (outcome.answer.ok && outcome.state && command.requestId !== undefined)
    remember(outcome.state, command, outcome.answer);
  return outcome;
}

function perform(
  state: CampaignState | undefined,
  command: Command,
  time: number,
  sequence: number,
  announce: Announce,
): CommandOutcome {
  if (command.name === 'create') return create(state, command, time, sequence, announce);
  if (!state) return refuse(state, { code: 'not_found', message: `there is no campaign ${command.actorId}` });
  if (command.etag !== undefined && command.etag !== String(state.version))
    return refuse(state, {
      code: 'aborted',
      message: `the campaign has changed: its etag is now "${state.version}"; read it again and repeat`,
    });
  if (command.name === 'update') return update(state, command, time, sequence, announce);
  return move(state, command, time, sequence, announce);
}

/** Gives the campaign the definition of the payload. One that it has already changes nothing. */
function update(
  state: CampaignState,
  command: Command,
  time: number,
  sequence: number,
  announce: Announce,
): CommandOutcome {
  const { status } = state;
  if (status === 'COMPLETED' || status === 'CANCELLED')
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot change a campaign that is ${status}`,
      state: status,
    });
  const next = withOwnKeys(state, command.payload as CampaignDefinition);
  const changed = changedFields(state.definition, next);
  const missing =
    status === 'DRAFT' ? [] : missingForLaunch(next, status === 'SCHEDULED' ? status : 'ACTIVE');
  const refused = [...refusedChanges(state, next, time), ...missing];
  if (refused.length > 0)
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot change ${refused.map(({ field }) => field).join(', ')} of a campaign that is ${status}`,
      state: status,
      violations: refused,
    });
  if (changed.length > 0) {
    const hadBudget = state.definition.budgetTotal !== undefined;
    const { targeting } = state.definition;
    state.capUse = capUseOf(next, time, state.definition.caps, state.capUse);
    state.definition = next;
    if (changed.includes('time_zone')) state.today.endsAt = endOfDay(time, zoneOf(next));
    state.updatedAt = time;
    state.version++;
    state.revision = sequence;
    announceUpdate(state, changed, command.principal.subject, announce);
    if (!hadBudget) announceBudget(state, announce);
    if (changed.includes('targeting'))
      announceTargeting(state, targeting, command.principal.subject, announce);
  }
  return { answer: { ok: true, view: viewOf(state) }, state };
}

function create(
  state: CampaignState | undefined,
  command: Command,
  time: number,
  sequence: number,
  announce: Announce,
): CommandOutcome {
  if (state)
    return refuse(state, {
      code: 'already_exists',
      message: `campaign_id ${command.actorId} is taken; choose another or leave it out`,
    });
  const definition = command.payload as CampaignDefinition;
  const created: CampaignState = {
    campaignId: command.actorId,
    definition,
    status: 'DRAFT',
    createdAt: time,
    updatedAt: time,
    version: 1,
    revision: sequence,
    statusReason: undefined,
    statusChangedBy: command.principal.subject,
    final: undefined,
    totals: emptyTotals(),
    today: { endsAt: endOfDay(time, zoneOf(definition)), spendMicros: 0n },
    capUse: capUseOf(definition, time),
    reachedPercent: 0,
    answers: [],
  };
  announceCreation(created, announce);
  return { answer: { ok: true, view: viewOf(created) }, state: created };
}

function move(
  state: CampaignState,
  command: Command,
  time: number,
  sequence: number,
  announce: Announce,
): CommandOutcome {
  const transition = TRANSITIONS[command.name];
  if (!transition)
    return refuse(state, {
      code: 'invalid_argument',
      message: `a campaign knows no command ${command.name}`,
    });
  if (!transition.from.includes(state.status))
    return refuse(state, {
      code: 'failed_precondition',
      message: `cannot ${command.name} a campaign that is ${state.status}; it must be ${transition.from.join(' or ')}`,
      state: state.status,
    });
  if (transition.to === 'ACTIVE' || transition.to === 'SCHEDULED') {
    const missing = missingForLaunch(state.definition, transition.to);
    if (missing.length > 0)
      return refuse(state, {
        code: 'failed_precondition',
        message: `cannot ${command.name}: still missing ${missing.map((item) => item.field).join(', ')}`,
        state: state.status,
        violations: missing,
      });
  }
  if (
    command.name === 'resume' &&
    pausesWhenExhausted(state) &&
    exhaustion(state) === REASONS.budget_exhausted
  )
    return refuse(state, {
      code: 'failed_precondition',
      message: 'cannot resume: the budget is used up',
      state: state.status,
      violations: [{ field: 'budget.total', description: 'raise it first' }],
    });
  const reason = (command.payload as { reason?: string } | null)?.reason;
  enter(state, transition.to, reason, command.principal.subject, time, sequence, announce);
  return { answer: { ok: true, view: viewOf(state) }, state };
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
  state.updatedAt = time;
  state.version++;
  state.revision = sequence;
  if (status === 'COMPLETED') state.final = { completedAt: time, totals: totalsToJson(state.totals) };
  announceStatus(state, previous, announce);
}

/** What a campaign still lacks before it can run. */
export function missingForLaunch(
  definition: CampaignDefinition,
  to: 'ACTIVE' | 'SCHEDULED',
): FieldViolation[] {
  const missing: FieldViolation[] = [];
  const { fromDocument } = definition;
  if (!definition.landingPageUrl && !fromDocument)
    missing.push({ field: 'landing_page_url', description: 'say where clicks lead' });
  if (!definition.budgetTotal)
    missing.push({ field: 'budget.total', description: 'say how much the campaign may spend' });
  if (!definition.cost && !fromDocument)
    missing.push({ field: 'cost', description: 'say what is paid for, and its rate' });
  if (to === 'SCHEDULED' && definition.startsAt === undefined)
    missing.push({ field: 'starts_at', description: 'say when the campaign begins' });
  return missing;
}

function refuse(state: CampaignState | undefined, failure: Failure): CommandOutcome {
  return { answer: { ok: false, failure }, state };
}

function remembered(state: CampaignState, command: Command): CampaignAnswer | undefined {
  if (command.requestId === undefined) return undefined;
  const entry = state.answers.find((candidate) => candidate.requestId === command.requestId);
  if (!entry) return undefined;
  if (entry.name === command.name) return entry.answer;
  return {
    ok: false,
    failure: {
      code: 'invalid_argument',
      message: `request id ${command.requestId} was used for ${entry.name} before; use a new one`,
    },
  };
}

function remember(state: CampaignState, command: Command, answer: CampaignAnswer): void {
  state.answers.push({ requestId: command.requestId as string, name: command.name, answer });
  if (state.answers.length > limits.commandAnswers) state.answers.shift();
}
