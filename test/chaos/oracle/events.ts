/** Each event by itself: its rows in the warehouse against what its client heard. */
import type { CampaignPlan } from '../load/campaigns.ts';
import type { SentCommand } from '../load/commander.ts';
import type { EventType, Ledger, SentEvent } from '../load/ledger.ts';
import type { DecidedRow } from './evidence.ts';

/** Reasons as the public interface numbers them. */
export const REASON = {
  accepted: 100,
  duplicateEvent: 200,
  campaignNotActive: 302,
  budgetExhausted: 400,
  dailyBudgetExhausted: 401,
} as const;

const REASON_NAMES: Readonly<Record<string, number>> = {
  accepted: 100,
  duplicate_event: 200,
  duplicate_transaction: 201,
  duplicate_conversion: 202,
  campaign_not_active: 302,
  budget_exhausted: 400,
  daily_budget_exhausted: 401,
};
const TYPES: Readonly<Record<EventType, number>> = { impression: 1, click: 2, conversion: 3 };
/** The decision was not known yet when the answer was given. */
const AWAITED = 'decision_awaited';

/** What the warehouse has of one event. */
class Counted {
  rows = 0;
  /** Rows that decide on it for good: accepted, pending, or a repeat of something else than itself. */
  decided = 0;
  accepted = 0;
  rejected = 0;
}

export class EventAccounts {
  readonly #ledger: Ledger;
  readonly #plans: ReadonlyMap<string, CampaignPlan>;
  readonly #fail: (text: string) => void;
  readonly #counted = new Map<string, Counted>();
  readonly #places = new Set<string>();
  /** Decisions that postbacks were told, by place, with the event that was told. */
  readonly #told = new Map<string, { readonly eventId: string; readonly reason: string }>();
  doubled = 0;
  lost = 0;

  constructor(ledger: Ledger, plans: ReadonlyMap<string, CampaignPlan>, fail: (text: string) => void) {
    this.#ledger = ledger;
    this.#plans = plans;
    this.#fail = fail;
    for (const { eventId, decisions } of ledger.events.values())
      for (const { decisionId, reason } of decisions) this.#told.set(decisionId, { eventId, reason });
  }

  /** Events with a decision. */
  get counted(): number {
    let counted = 0;
    for (const { decided, rejected } of this.#counted.values()) if (decided + rejected > 0) counted++;
    return counted;
  }

  /** @returns whether the row is of an event that was sent, and is not there a second time */
  take(row: DecidedRow): boolean {
    const place = `${row.partition.toString(36)}-${BigInt(row.sequence).toString(36)}-${row.row.toString(36)}`;
    if (this.#places.has(place)) {
      this.#fail(`${row.eventId} at ${place} is in the warehouse twice`);
      this.doubled++;
      return false;
    }
    this.#places.add(place);
    const event = this.#ledger.events.get(row.eventId);
    if (event?.campaignId !== row.campaignId || TYPES[event.type] !== row.type) {
      this.#fail(`${row.eventId} of ${row.campaignId} at ${place} is an event that nobody sent`);
      return false;
    }
    this.#count(row);
    this.#checkDecision(row, place);
    this.#checkClickId(event, row);
    return true;
  }

  /** After all rows: what of each event is there, and what is not. */
  close(commands: readonly SentCommand[]): void {
    for (const [place, { eventId }] of this.#told)
      this.#fail(`${eventId} was told the decision ${place}, which is not in the warehouse`);
    for (const event of this.#ledger.events.values()) this.#checkEvent(event, commands);
  }

  #count({ eventId, reason }: DecidedRow): void {
    const counted = this.#counted.get(eventId) ?? new Counted();
    this.#counted.set(eventId, counted);
    counted.rows++;
    if (reason === REASON.accepted) counted.accepted++;
    if (reason >= 300 && reason < 400) counted.rejected++;
    else if (reason !== REASON.duplicateEvent) counted.decided++;
  }

  #checkDecision({ eventId, reason }: DecidedRow, place: string): void {
    const told = this.#told.get(place);
    if (told === undefined) return;
    this.#told.delete(place);
    const isRight = told.reason === AWAITED || REASON_NAMES[told.reason] === reason;
    if (told.eventId !== eventId || !isRight)
      this.#fail(`${told.eventId} was told ${told.reason} for ${place}, where ${eventId} is ${reason}`);
  }

  /** A click's id is the same click's, however often it was sent. One that was refused may have none. */
  #checkClickId({ eventId, clickIds }: SentEvent, row: DecidedRow): void {
    if (row.reason >= 300 && row.reason < 400) return;
    for (const clickId of clickIds)
      if (nonceOf(clickId) !== nonceOf(row.clickId))
        this.#fail(`${eventId} was told to be click ${clickId} and is counted as ${row.clickId}`);
  }

  #checkEvent(event: SentEvent, commands: readonly SentCommand[]): void {
    const { eventId, campaignId, attempts, answers } = event;
    const { rows, decided, accepted, rejected } = this.#counted.get(eventId) ?? new Counted();
    const isPausable = this.#plans.get(campaignId)?.purpose === 'paused';
    if (rows > attempts) this.#fail(`${eventId} was sent ${attempts} times and has ${rows} rows`);
    if (decided > 1) {
      this.#fail(`${eventId} was decided ${decided} times`);
      this.doubled += decided - 1;
    }
    if (rejected > 0 && !isPausable) this.#fail(`${eventId} was rejected, though ${campaignId} was running`);
    if (answers > 0 && decided + rejected === 0) {
      const told = [...event.told].join(' and ');
      this.#fail(`${eventId} was told to be ${told}, and is lost (${storyOf(event)})`);
      this.lost++;
    }
    if (answers === 0) this.#fail(`${eventId} was never answered`);
    if (accepted > 0 && isPausable && wasPaused(event, commands))
      this.#fail(`${eventId} was accepted, though ${campaignId} was paused`);
  }
}

function storyOf({ type, campaignId, attempts, answers, firstSentAt, lastAnsweredAt }: SentEvent): string {
  const [sent, answered] = [firstSentAt, lastAnsweredAt].map((at) => new Date(at).toISOString());
  return `${type} of ${campaignId}, sent ${attempts} times since ${sent}, answered ${answers} times until ${answered}`;
}

/** Whether the campaign was paused from before the event was first sent until it was answered. */
function wasPaused(event: SentEvent, commands: readonly SentCommand[]): boolean {
  // An attempt without an answer may have arrived at any time since.
  if (event.attempts > event.answers) return false;
  return commands.some(({ verb, answeredAt }, index) => {
    const next = commands[index + 1];
    if (verb !== 'pause' || answeredAt === undefined || next === undefined) return false;
    return answeredAt < event.firstSentAt && event.lastAnsweredAt < next.firstSentAt;
  });
}

/** The part of a click id that is the same whenever it is minted for the same click. */
function nonceOf(clickId: string): string {
  return Buffer.from(clickId, 'base64url').subarray(7, 15).toString('hex');
}
