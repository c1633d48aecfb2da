/**
 * A gateway to campaign actors without log or threads: the real state machine of a campaign, a sequence
 * number and a clock that stands still. For tests of management alone.
 */
import { accountOf } from '../../actors/campaign/budget-view.ts';
import { handleCommand } from '../../actors/campaign/commands.ts';
import type { SpendLedger } from '../../actors/campaign/outcome.ts';
import type { CampaignState } from '../../actors/campaign/state.ts';
import { metricsOf, summaryOf, viewOf } from '../../actors/campaign/view.ts';
import type { ActorGateway, EventDecision, Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { Totals } from '../../model/campaign.ts';
import type { CampaignDirectory } from '../../model/campaign-directory.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { TurnpikeError } from '../../model/errors.ts';

export class ActorsInMemory implements ActorGateway {
  /** Every command that was sent, in order. */
  readonly commands: Command[] = [];
  /** Campaigns whose settlement was awaited; `*`: that of all. */
  readonly settlements: string[] = [];
  /** Partitions whose saving was awaited; `*`: that of all. */
  readonly savings: (number | '*')[] = [];
  /** What every call fails with, while set: an expected failure, or a bug. */
  failure: TurnpikeError | Error | undefined;
  readonly #references = new Set<string>();
  readonly #campaigns = new Map<string, CampaignState>();
  readonly #directory: CampaignDirectory;
  readonly #now: () => number;
  #sequence = 0;

  constructor(directory: CampaignDirectory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  async execute(command: Command): Promise<CommandAnswer> {
    if (this.failure) throw this.failure;
    // What goes through the log is JSON.
    const sent = JSON.parse(JSON.stringify(command)) as Command;
    this.commands.push(sent);
    const { actorId } = command;
    const known = this.#campaigns.get(actorId);
    const { answer, state } = handleCommand(known, {
      command: sent,
      time: this.#now(),
      sequence: ++this.#sequence,
      announce: () => undefined,
      ledger: this.#ledger(actorId),
    });
    if (state) {
      this.#campaigns.set(actorId, state);
      this.#directory.put(summaryOf(state));
    }
    return answer;
  }

  async query<K extends Query['kind']>(campaignId: string, { kind }: { kind: K }): Promise<QueryAnswers[K]> {
    if (this.failure) throw this.failure;
    const state = this.#campaigns.get(campaignId);
    const answers: QueryAnswers = {
      campaign: state && viewOf(state),
      metrics: state && metricsOf(state, this.#now()),
      budget: state && accountOf(state),
    };
    return answers[kind];
  }

  async decision(): Promise<EventDecision | undefined> {
    return undefined;
  }

  async settled(campaignId = '*'): Promise<void> {
    if (this.failure) throw this.failure;
    this.settlements.push(campaignId);
  }

  async saved(partition?: number): Promise<void> {
    if (this.failure) throw this.failure;
    this.savings.push(partition ?? '*');
  }

  #ledger(campaignId: string): SpendLedger {
    const nameOf = (reference: string): string => `${campaignId} ${reference}`;
    return {
      isRecorded: (reference) => this.#references.has(nameOf(reference)),
      record: (_, reference) => {
        if (reference !== undefined) this.#references.add(nameOf(reference));
      },
    };
  }

  /** Adds to a campaign's figures what events would have added. */
  count(campaignId: string, totals: Partial<Totals>): void {
    Object.assign((this.#campaigns.get(campaignId) as CampaignState).totals, totals);
  }
}
