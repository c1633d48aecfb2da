/** The demo's own account of what it sent: what the server's totals are held against. */
import type { EventTypeName } from '../../model/event.ts';
import { type CampaignSpec, costOf } from './campaign-spec.ts';
import type { EventOutcome } from './outcomes.ts';
import type { TrafficRequest } from './request-source.ts';

/** Of one campaign, events that were answered. Amounts in micros of its currency. */
export interface Account {
  readonly spec: CampaignSpec;
  /** Different events. */
  unique: number;
  /** Events sent a second time on purpose. */
  repeats: number;
  /** Events sent again because the first sending was not answered: the server may have them twice. */
  resends: number;
  impressions: number;
  clicks: number;
  conversions: number;
  revenueMicros: bigint;
  /** What the events cost if all of them are paid for. */
  spendMicros: bigint;
  /** Events that the server refused, or answered in a way that says nothing of them. */
  refused: number;
}

const COUNTER: Readonly<Record<EventTypeName, 'impressions' | 'clicks' | 'conversions'>> = {
  impression: 'impressions',
  click: 'clicks',
  conversion: 'conversions',
};

/** Problems that are told apart: their texts may hold what a server wrote. */
const DIFFERENT_PROBLEMS = 200;

export class Ledger {
  readonly accounts: readonly Account[];
  /** Events that were answered, repeats included. */
  answered = 0;
  /** Of these, sent with a robot's agent. */
  robots = 0;
  /** What was wrong, with how many events it happened to. */
  readonly problems = new Map<string, number>();

  constructor(campaigns: readonly CampaignSpec[]) {
    this.accounts = campaigns.map((spec) => ({
      spec,
      unique: 0,
      repeats: 0,
      resends: 0,
      impressions: 0,
      clicks: 0,
      conversions: 0,
      revenueMicros: 0n,
      spendMicros: 0n,
      refused: 0,
    }));
  }

  /** The request was answered, after `resends` attempts that may have arrived too. */
  answer(request: TrafficRequest, outcomes: readonly EventOutcome[], resends: number): void {
    this.#count(request, resends);
    for (const [index, { planned }] of request.events.entries()) {
      const { status, reason } = outcomes[index] as EventOutcome;
      const account = this.accounts[planned.campaign] as Account;
      // Beyond a tight budget events are pending; whether they are is checked with the totals.
      if (status === 'accepted' || status === 'duplicate') continue;
      if (status === 'pending' && account.spec.tightClicks !== undefined) continue;
      account.refused++;
      this.#problem(
        `${account.spec.campaignId}: ${planned.type} answered ${status} (${reason ?? 'no reason'})`,
      );
    }
  }

  /** The request was answered with what it must not be answered with. */
  unexpected(request: TrafficRequest, description: string, resends: number): void {
    this.#count(request, resends);
    for (const { planned } of request.events) (this.accounts[planned.campaign] as Account).refused++;
    this.#problem(`${request.http.method} ${pathOf(request)}: ${description}`, request.events.length);
  }

  /** Sums over all campaigns of one of the counters. */
  total(counter: 'unique' | 'repeats' | 'resends' | 'impressions' | 'clicks' | 'conversions'): number {
    return this.accounts.reduce((sum, account) => sum + account[counter], 0);
  }

  #count(request: TrafficRequest, resends: number): void {
    this.answered += request.events.length;
    if (request.isRobot) this.robots += request.events.length;
    for (const { planned, isRepeat } of request.events) {
      const account = this.accounts[planned.campaign] as Account;
      account.resends += resends;
      if (isRepeat) {
        account.repeats++;
        continue;
      }
      account.unique++;
      account[COUNTER[planned.type]]++;
      account.revenueMicros += BigInt(planned.valueMicros);
      account.spendMicros += BigInt(costOf(account.spec, planned.type));
    }
  }

  #problem(problem: string, events = 1): void {
    const known = this.problems.has(problem) || this.problems.size < DIFFERENT_PROBLEMS;
    const text = known ? problem : 'further problems';
    this.problems.set(text, (this.problems.get(text) ?? 0) + events);
  }
}

/** The path without its query, in which every request differs. */
function pathOf(request: TrafficRequest): string {
  return request.http.path.split('?', 1)[0] as string;
}
