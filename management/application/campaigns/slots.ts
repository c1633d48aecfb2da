/**
 * Commands to campaigns that partners run. A campaign that must have a slot of its partner for a command says so;
 * then the slot is taken, and the command sent again under its grant. What became of it is settled afterwards.
 *
 * Whoever dies in between leaves a slot behind that nobody needs, or that holds more than its campaign may spend.
 * So do campaigns that end by themselves. They are found and settled when the partner has no room for another.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { CampaignDefinition, CampaignStatus, CampaignView } from '../../../model/campaign.ts';
import type { ActorKind, Command, CommandAnswer } from '../../../model/command.ts';
import { type Failure, TurnpikeError } from '../../../model/errors.ts';
import type { Money } from '../../../model/money.ts';
import type { Slot, SlotView } from '../../../model/partner.ts';
import { type CampaignTerms, isNoMore, ROOM_FIELDS, termsOf } from '../../../model/partner-terms.ts';
import { newId as mintId } from '../identity.ts';

/** How often a command is tried again where another change of the campaign, or of its slot, came in between. */
const ATTEMPTS = 5;
const PAUSE_MS = 20;
/** A campaign that is not launched by then after it has taken a slot was given up on the way. */
const LAUNCH_MS = 30_000;
/** Slots looked at, at the same time. */
const SLOTS_AT_ONCE = 50;
/** As of any grant: what is over does not begin again. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

const RUNNING: ReadonlySet<CampaignStatus> = new Set(['SCHEDULED', 'ACTIVE', 'PAUSED']);
/** Commands to a campaign that runs which do not launch it. */
const CHANGES: ReadonlySet<string> = new Set(['update', 'authorize_extra']);
const OVER: ReadonlySet<CampaignStatus> = new Set(['COMPLETED', 'CANCELLED']);

export interface SlotsDependencies {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

/** The same gateway, with slots taken and given back for the campaigns that partners run. */
export function withSlots(gateway: ActorGateway, { now, newId = mintId }: SlotsDependencies): ActorGateway {
  const slots = new Slots(gateway, now, newId);
  return {
    execute: (command) => slots.execute(command),
    query: (actorId, query) => gateway.query(actorId, query),
    decision: (partition, sequence, row) => gateway.decision(partition, sequence, row),
    settled: (actorId) => gateway.settled(actorId),
    saved: (partition) => gateway.saved(partition),
    outbox: () => gateway.outbox(),
  };
}

class Slots {
  readonly #gateway: ActorGateway;
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor(gateway: ActorGateway, now: () => number, newId: () => string) {
    this.#gateway = gateway;
    this.#now = now;
    this.#newId = newId;
  }

  async execute(command: Command): Promise<CommandAnswer> {
    const answer = await this.#gateway.execute(command);
    if (command.actorKind !== 'campaign') return answer;
    if (!answer.ok)
      return answer.failure.slotOf === undefined
        ? answer
        : this.#executeInSlot(command, answer.failure.slotOf);
    const { partnerId, status } = answer.view as Partial<CampaignView>;
    if (partnerId !== undefined && status !== undefined && OVER.has(status))
      await leniently(() => this.#settle(partnerId, command.actorId, FOR_EVER));
    return answer;
  }

  async #executeInSlot(command: Command, partnerId: string): Promise<CommandAnswer> {
    const { actorId: campaignId } = command;
    for (let attempt = 1; ; attempt++) {
      const view = await this.#gateway.query(campaignId, { kind: 'campaign' });
      if (view === undefined) return this.#gateway.execute(command);
      const slot = await this.#take(partnerId, campaignId, requestOf(command, view));
      if (!slot.ok) return slot;
      const { grant } = slot.view;
      const answer = await this.#gateway.execute({
        ...command,
        commandId: this.#newId(),
        // What the slot was taken for is what the campaign is by now.
        etag: command.etag ?? view.etag,
        grant,
      });
      const hasChanged = !answer.ok && answer.failure.code === 'aborted' && command.etag === undefined;
      if (hasChanged && attempt < ATTEMPTS) {
        await delay(PAUSE_MS);
        continue;
      }
      // A launch that has succeeded needs what it has taken; all else may need less.
      if (!(answer.ok && view.status === 'DRAFT'))
        await leniently(() => this.#settle(partnerId, campaignId, grant));
      return answer;
    }
  }

  /** Takes a slot; where there is no room, after those that nobody needs any more were given back. */
  async #take(
    partnerId: string,
    campaignId: string,
    request: SlotTerms,
  ): Promise<{ ok: true; view: SlotView } | { ok: false; failure: Failure }> {
    const take = async () =>
      (await this.#execute('partner', partnerId, 'take_slot', {
        campaignId,
        ...request,
      })) as CommandAnswer<SlotView>;
    const answer = await take();
    if (answer.ok || !lacksRoom(answer.failure)) return answer;
    return (await this.#tidy(partnerId)) ? take() : answer;
  }

  /** Settles the slots that their campaigns do not need as they are. @returns whether there were any */
  async #tidy(partnerId: string): Promise<boolean> {
    const { slots = [] } = (await this.#gateway.query(partnerId, { kind: 'partner_campaigns' })) ?? {};
    let settled = false;
    for (let from = 0; from < slots.length; from += SLOTS_AT_ONCE) {
      const some = slots.slice(from, from + SLOTS_AT_ONCE);
      const done = await Promise.all(some.map((slot) => this.#settleIfStale(partnerId, slot)));
      settled ||= done.includes(true);
    }
    return settled;
  }

  async #settleIfStale(partnerId: string, slot: Slot): Promise<boolean> {
    const { campaignId, grant, takenAt } = slot;
    const view = await this.#gateway.query(campaignId, { kind: 'campaign' });
    // Who has just taken a slot, or is about to change what it holds, is not to be disturbed.
    const isRecent = takenAt > this.#now() - LAUNCH_MS;
    if (view !== undefined && (isRecent || isNeeded(slot, view)) && !OVER.has(view.status)) return false;
    await this.#settle(partnerId, campaignId, grant);
    return true;
  }

  /**
   * Makes the slot what the campaign needs. The campaign is asked by a command that makes it see the grant: from
   * then on nobody launches or changes it under that one, or one before.
   */
  async #settle(partnerId: string, campaignId: string, grant: number): Promise<void> {
    const view = await this.#see(campaignId, grant);
    const isRunning = view !== undefined && RUNNING.has(view.status);
    const monthly = view && termsOf(view).monthly;
    await this.#execute('partner', partnerId, 'settle_slot', {
      campaignId,
      grant,
      isRunning,
      ...(isRunning && monthly && { monthly }),
    });
  }

  async #see(campaignId: string, grant: number): Promise<CampaignView | undefined> {
    if (grant === FOR_EVER) return undefined;
    const answer = await this.#execute('campaign', campaignId, 'see_grant', { grant });
    return answer.ok ? (answer.view as CampaignView) : undefined;
  }

  #execute(actorKind: ActorKind, actorId: string, name: string, payload: object): Promise<CommandAnswer> {
    const principal = { subject: 'slots' };
    return this.#gateway.execute({ commandId: this.#newId(), actorKind, actorId, name, payload, principal });
  }
}

interface SlotTerms {
  readonly terms: CampaignTerms;
  /** It runs, and may do no more afterwards: a partner that has less by now does not keep it from that. */
  readonly isNoMore: boolean;
}

function requestOf(command: Command, view: CampaignView): SlotTerms {
  const terms = termsOf(afterwards(command, view));
  const isChange = RUNNING.has(view.status) && CHANGES.has(command.name);
  return { terms, isNoMore: isChange && isNoMore(terms, termsOf(view)) };
}

/** What the campaign is if the command is carried out, as far as its partner is concerned. */
function afterwards(command: Command, view: CampaignView): CampaignDefinition {
  switch (command.name) {
    case 'update':
      return command.payload as CampaignDefinition;
    case 'authorize_extra': {
      const { amount } = command.payload as { readonly amount: Money };
      const { budgetTotal } = view;
      if (!budgetTotal) return view;
      return { ...view, budgetTotal: { ...budgetTotal, micros: budgetTotal.micros + amount.micros } };
    }
    default:
      return view;
  }
}

function isNeeded({ monthly }: Slot, view: CampaignView): boolean {
  return RUNNING.has(view.status) && monthly?.micros === termsOf(view).monthly?.micros;
}

function lacksRoom({ violations = [] }: Failure): boolean {
  const fields: readonly string[] = Object.values(ROOM_FIELDS);
  return violations.length > 0 && violations.every(({ field }) => fields.includes(field));
}

/** Settling can wait: what is left behind is found when it is missed. */
async function leniently(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TurnpikeError)) throw error;
  }
}
