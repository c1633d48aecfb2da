/**
 * A gateway to actors without log or threads: the real state machines of campaigns and partners, a sequence
 * number and a clock that stands still. For tests of management alone.
 */
import { accountOf } from '../../actors/campaign/budget/budget-view.ts';
import { handleCommand } from '../../actors/campaign/commands.ts';
import type { SpendLedger } from '../../actors/campaign/outcome.ts';
import type { CampaignState } from '../../actors/campaign/state.ts';
import { metricsOf, summaryOf, viewOf } from '../../actors/campaign/view.ts';
import { handleCommand as handlePartnerCommand } from '../../actors/partner/commands.ts';
import type { PartnerState } from '../../actors/partner/state.ts';
import * as partnerView from '../../actors/partner/view.ts';
import type { ActorGateway, EventDecision, Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { Totals } from '../../model/campaign.ts';
import type { CampaignDirectory } from '../../model/campaign-directory.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import { REPLAY_LETTER } from '../../model/dead-letter.ts';
import type { TurnpikeError } from '../../model/errors.ts';
import { PartnerDirectory } from '../../model/partner-directory.ts';

export class ActorsInMemory implements ActorGateway {
  /** Every command that was sent, in order. */
  readonly commands: Command[] = [];
  /** Campaigns whose settlement was awaited; `*`: that of all. */
  readonly settlements: string[] = [];
  /** Partitions whose saving was awaited; `*`: that of all. */
  readonly savings: (number | '*')[] = [];
  /** What replays of dead letters are answered. */
  replay: (command: Command) => CommandAnswer = () => {
    throw new Error('no replay was expected');
  };
  /** What every call fails with, while set: an expected failure, or a bug. */
  failure: TurnpikeError | Error | undefined;
  readonly #references = new Set<string>();
  readonly #campaigns = new Map<string, CampaignState>();
  readonly #partners = new Map<string, PartnerState>();
  readonly #directory: CampaignDirectory;
  readonly #partnerDirectory: PartnerDirectory;
  readonly #now: () => number;
  #sequence = 0;

  constructor(
    directory: CampaignDirectory,
    now: () => number,
    partnerDirectory: PartnerDirectory = new PartnerDirectory(),
  ) {
    this.#directory = directory;
    this.#now = now;
    this.#partnerDirectory = partnerDirectory;
  }

  async execute(command: Command): Promise<CommandAnswer> {
    if (this.failure) throw this.failure;
    // What goes through the log is JSON.
    const sent = JSON.parse(JSON.stringify(command)) as Command;
    this.commands.push(sent);
    if (sent.name === REPLAY_LETTER) return this.replay(sent);
    const given = {
      command: sent,
      time: this.#now(),
      sequence: ++this.#sequence,
      announce: () => undefined,
    };
    const { actorId } = command;
    if (command.actorKind === 'partner') {
      const { answer, state } = handlePartnerCommand(this.#partners.get(actorId), given);
      if (state) {
        this.#partners.set(actorId, state);
        this.#partnerDirectory.put(partnerView.summaryOf(state));
      }
      return answer;
    }
    const ledger = this.#ledger(actorId);
    const { answer, state } = handleCommand(this.#campaigns.get(actorId), { ...given, ledger });
    if (state) {
      this.#campaigns.set(actorId, state);
      this.#directory.put(summaryOf(state));
    }
    return answer;
  }

  async query<K extends Query['kind']>(actorId: string, { kind }: { kind: K }): Promise<QueryAnswers[K]> {
    if (this.failure) throw this.failure;
    const campaign = this.#campaigns.get(actorId);
    const partner = this.#partners.get(actorId);
    const answers: QueryAnswers = {
      campaign: campaign && viewOf(campaign),
      metrics: campaign && metricsOf(campaign, this.#now()),
      partner: partner && partnerView.viewOf(partner),
      partner_campaigns: partner && partnerView.campaignsOf(partner),
      budget: campaign && accountOf(campaign),
      payout: undefined,
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

  /** Forgets all campaigns and partners. */
  reset(): void {
    this.#campaigns.clear();
    this.#partners.clear();
  }

  /** Adds to a campaign's figures what events would have added. */
  count(campaignId: string, totals: Partial<Totals>): void {
    Object.assign((this.#campaigns.get(campaignId) as CampaignState).totals, totals);
  }
}
