/**
 * The replicated view of all campaigns that collectors decide with and lists are made from. It is fed
 * with summaries by the actors and never asks anybody: reading it is a look-up in memory.
 */
import type { CampaignSummary } from './campaign.ts';

export class CampaignDirectory {
  readonly #isUpToDate: (campaignId: string) => boolean;
  readonly #campaigns = new Map<string, CampaignSummary>();
  readonly #byWriteKey = new Map<string, string>();

  /** @param isUpToDate whether a campaign like this would be here if there were one */
  constructor(isUpToDate: (campaignId: string) => boolean = () => true) {
    this.#isUpToDate = isUpToDate;
  }

  get size(): number {
    return this.#campaigns.size;
  }

  get(campaignId: string): CampaignSummary | undefined {
    return this.#campaigns.get(campaignId);
  }

  /** Whether a campaign that is not here may exist all the same: the actors could not be asked for news of late. */
  mayLack(campaignId: string): boolean {
    return !this.#campaigns.has(campaignId) && !this.#isUpToDate(campaignId);
  }

  /** The campaign that a public write key belongs to. */
  byWriteKey(writeKey: string): CampaignSummary | undefined {
    const campaignId = this.#byWriteKey.get(writeKey);
    return campaignId === undefined ? undefined : this.#campaigns.get(campaignId);
  }

  /** Takes a summary over unless a newer one is known. */
  put(summary: CampaignSummary): void {
    const known = this.#campaigns.get(summary.campaignId);
    if (known && known.revision > summary.revision) return;
    if (known && known.writeKey !== summary.writeKey) this.#byWriteKey.delete(known.writeKey);
    this.#campaigns.set(summary.campaignId, summary);
    this.#byWriteKey.set(summary.writeKey, summary.campaignId);
  }

  /** All campaigns, in the order in which they became known. */
  values(): IterableIterator<CampaignSummary> {
    return this.#campaigns.values();
  }
}
