/**
 * The way to the actors, wherever they run: commands and live queries for management, decisions for
 * the collector. `actors/` implements it; who uses it does not know threads, nodes or logs.
 */
import type { AccountLots, AccountView } from './account.ts';
import type { BudgetAccount } from './budget.ts';
import type { CampaignMetrics, CampaignView } from './campaign.ts';
import type { ActorKind, Command, CommandAnswer } from './command.ts';
import type { Outcome, ReasonName } from './decision.ts';
import type { OutboxStatistics } from './outbox.ts';
import type { ContentAssociation, PartnerCampaigns, PartnerView } from './partner.ts';
import type { PayoutView } from './payout.ts';

/**
 * A query to one actor: the campaign as it is, its live figures, its budget; the partner as it is, its campaigns, its
 * contents; the partner's account, and what in it is not paid yet; a payout.
 */
export type Query =
  | { readonly kind: 'campaign' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'budget' }
  | { readonly kind: 'partner' }
  | { readonly kind: 'partner_campaigns' }
  | { readonly kind: 'partner_contents' }
  | { readonly kind: 'payout' }
  | { readonly kind: 'account' }
  | { readonly kind: 'lots' };

/** The kind of actor that each query is put to. */
export const ASKED_KIND: Readonly<Record<Query['kind'], ActorKind>> = {
  campaign: 'campaign',
  metrics: 'campaign',
  budget: 'campaign',
  partner: 'partner',
  partner_campaigns: 'partner',
  partner_contents: 'partner',
  payout: 'payout',
  account: 'account',
  lots: 'account',
};

/** What each query gives; `undefined`: there is no such actor. */
export interface QueryAnswers {
  readonly campaign: CampaignView | undefined;
  readonly metrics: CampaignMetrics | undefined;
  readonly budget: BudgetAccount | undefined;
  readonly partner: PartnerView | undefined;
  readonly partner_campaigns: PartnerCampaigns | undefined;
  readonly partner_contents: readonly ContentAssociation[] | undefined;
  readonly payout: PayoutView | undefined;
  readonly account: AccountView | undefined;
  readonly lots: AccountLots | undefined;
}

/** What was seen of an actor's id: the answers to some queries, at one moment. */
export interface Seen<K extends Query['kind'] = Query['kind']> {
  /** Log sequence of the last record that changed what was asked for. */
  readonly at: number;
  readonly answers: { readonly [Kind in K]?: QueryAnswers[Kind] };
}

/** What the actor said of one event. */
export interface EventDecision {
  readonly outcome: Outcome;
  readonly reason: ReasonName;
  readonly decisionId: string;
}

export interface ActorGateway {
  /**
   * Appends a command to the log and waits for the actor's answer.
   *
   * @throws TurnpikeError `unavailable` (nothing was appended, or nobody owns the partition),
   *   `resource_exhausted` (too many under way), `deadline_exceeded` (the outcome is unknown: repeat
   *   with the same `requestId`)
   */
  execute(command: Command): Promise<CommandAnswer>;

  /**
   * Asks an actor, of the kind that the query is for. The answer includes every event and command that was answered before
   * the call.
   *
   * @throws TurnpikeError `unavailable`, `resource_exhausted`, `deadline_exceeded`
   */
  query<K extends Query['kind']>(actorId: string, query: { kind: K }): Promise<QueryAnswers[K]>;

  /**
   * The decision of the row of a record that was just appended, as soon as the actor has made it;
   * `undefined` after `limits.decisionMs`.
   */
  decision(partition: number, sequence: number, row: number): Promise<EventDecision | undefined>;

  /**
   * Resolves when everything appended to the actor's partition before the call is in the warehouse; to
   * every partition, if no actor is named.
   *
   * @throws TurnpikeError `deadline_exceeded` if the warehouse does not take it in time
   */
  settled(actorId?: string): Promise<void>;

  /**
   * Resolves when the effects of everything appended to a partition before the call are saved; to every
   * partition, if none is named. It does not wait for the warehouse.
   *
   * @throws TurnpikeError `deadline_exceeded` if that takes too long
   */
  saved(partition?: number): Promise<void>;

  /**
   * What actors have left to be done outside their partitions, of all partitions together, as it is now.
   *
   * @throws TurnpikeError `unavailable`, `deadline_exceeded` if somebody does not answer
   */
  outbox(): Promise<OutboxStatistics>;
}

/** Follows actors, wherever they run. */
export interface ActorObserver {
  /**
   * What these queries are answered, as soon as there is something newer than what was seen last; `undefined` if
   * nothing has happened for `limits.watchMs`. The first answer includes every event and command that was answered
   * before the call.
   *
   * @param after what was seen last; absent: nothing
   * @throws TurnpikeError `unavailable`, `resource_exhausted`, `deadline_exceeded`
   */
  changed<K extends Query['kind']>(
    actorId: string,
    queries: readonly K[],
    after: number | undefined,
  ): Promise<Seen<K> | undefined>;
}
