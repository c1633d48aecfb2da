/**
 * Canaries: one conversion through every partition, sent after a fault. When the decisions on all of them are
 * known, the system has recovered.
 */
import type { CampaignPlan } from './campaigns.ts';
import { type CollectorClients, Lane } from './collector-clients.ts';
import type { Ledger } from './ledger.ts';
import { type ManagementClients, Unanswered } from './management-clients.ts';
import { loadRequest } from './requests.ts';
import type { Traffic } from './traffic.ts';

const TIMEOUT_MS = 1_500;
/** A system that takes longer has not recovered. */
export const RECOVERY_LIMIT_MS = 120_000;

export interface CanaryParts {
  readonly campaigns: readonly CampaignPlan[];
  readonly traffic: Traffic;
  readonly collectors: CollectorClients;
  readonly management: ManagementClients;
  readonly ledger: Ledger;
}

export class Canaries {
  readonly #parts: CanaryParts;
  /** Canaries of each campaign that were answered. */
  readonly #answered = new Map<string, number>();
  #lanes = 0;

  /** @param parts campaigns: one in every partition */
  constructor(parts: CanaryParts) {
    this.#parts = parts;
  }

  /** Sends one through every partition; resolves once the decisions on all are known. @throws Unanswered */
  async fly(): Promise<void> {
    await Promise.all(this.#parts.campaigns.map((campaign) => this.#flyThrough(campaign)));
  }

  async #flyThrough(campaign: CampaignPlan): Promise<void> {
    const { traffic, collectors } = this.#parts;
    const deadline = performance.now() + RECOVERY_LIMIT_MS;
    const event = traffic.canary(campaign);
    const request = loadRequest('postback', [event]);
    const answers = await collectors.deliver(request, new Lane(this.#lanes++, TIMEOUT_MS));
    const answer = answers?.[0];
    if (answer === undefined) return;
    const { campaignId } = campaign;
    const answered = (this.#answered.get(campaignId) ?? 0) + 1;
    this.#answered.set(campaignId, answered);
    // The postback itself has waited for the decision, unless that took long.
    if (answer.told === 'accepted') return;
    await this.#seeLive(campaignId, answered, deadline);
  }

  /** Live figures include everything that was answered before they were asked for. */
  async #seeLive(campaignId: string, answered: number, deadline: number): Promise<void> {
    const { management, ledger } = this.#parts;
    const withinMs = deadline - performance.now();
    if (withinMs < 0) throw new Unanswered(`a canary of ${campaignId} was not decided`);
    const { accepted } = await management.live(campaignId, { withinMs });
    if (accepted < answered)
      ledger.complain(`${campaignId} showed ${accepted} events when ${answered} had been answered`);
  }
}
