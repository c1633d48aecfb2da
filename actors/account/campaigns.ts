/** The campaigns by which a partner has earned in one currency, and up to which release it was paid for each. */
import { limits } from '../../limits.ts';
import { OTHER_CAMPAIGNS } from '../../model/account.ts';
import type { Lot } from './lots.ts';

/** Of money that belongs to no campaign: what came back of an advance. */
export const NO_CAMPAIGN = '';

/** By campaign, in the order in which they came: the latest release that was paid; 0: none. */
export type CampaignsJson = readonly (readonly [campaignId: string, paidTo: number])[];

export class Campaigns {
  readonly #paidTo: Map<string, number>;
  readonly #indexes = new Map<string, number>();
  #isChanged = false;

  constructor(saved: CampaignsJson = []) {
    this.#paidTo = new Map(saved);
    for (const [campaignId] of saved) this.#indexes.set(campaignId, this.#indexes.size);
  }

  /** The name under which a campaign's lots are kept: its own, as long as there are not too many. */
  keep(campaignId: string): string {
    if (this.#paidTo.has(campaignId)) return campaignId;
    const isKept = campaignId === NO_CAMPAIGN || this.#paidTo.size < limits.campaignsPerAccount;
    const name = isKept ? campaignId : OTHER_CAMPAIGNS;
    if (this.#paidTo.has(name)) return name;
    this.#indexes.set(name, this.#paidTo.size);
    this.#paidTo.set(name, 0);
    this.#isChanged = true;
    return name;
  }

  /** Notes that a lot, or the last part of it, is paid. */
  notePaid({ campaignId, releaseAt }: Lot): void {
    const name = this.keep(campaignId);
    if ((this.#paidTo.get(name) ?? 0) >= releaseAt) return;
    this.#paidTo.set(name, releaseAt);
    this.#isChanged = true;
  }

  /** Where a campaign stands among them, which never changes. */
  indexOf(campaignId: string): number {
    return this.#indexes.get(this.keep(campaignId)) as number;
  }

  /** Names by their places. */
  names(): string[] {
    return [...this.#paidTo.keys()];
  }

  /**
   * Up to which release each campaign is paid: not beyond what is still to be paid of it.
   *
   * @param open lots that are not paid
   */
  paidUpTo(open: Iterable<Lot>): Record<string, number> {
    const paid = new Map([...this.#paidTo].filter(([name, at]) => name !== NO_CAMPAIGN && at > 0));
    for (const { campaignId, since } of open) {
      const at = paid.get(campaignId);
      if (at !== undefined && at >= since) paid.set(campaignId, since - 1);
    }
    return Object.fromEntries(paid);
  }

  takeChange(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  toJson(): CampaignsJson {
    return [...this.#paidTo];
  }
}
