/** A transaction counts once for ever; without one, a click and goal do. */
import type { CampaignPlan } from '../load/campaigns.ts';
import type { Ledger, SentEvent } from '../load/ledger.ts';
import { REASON } from './events.ts';
import type { DecidedRow } from './evidence.ts';

export class ConversionAccounts {
  readonly #ledger: Ledger;
  readonly #fail: (text: string) => void;
  readonly #accepted = new Map<string, number>();

  constructor(ledger: Ledger, fail: (text: string) => void) {
    this.#ledger = ledger;
    this.#fail = fail;
  }

  take({ type, reason, eventId }: DecidedRow): void {
    const event = this.#ledger.events.get(eventId);
    if (type !== 3 || reason !== REASON.accepted || event === undefined) return;
    const key = keyOf(event);
    this.#accepted.set(key, (this.#accepted.get(key) ?? 0) + 1);
  }

  /** @param plans by campaign */
  close(plans: ReadonlyMap<string, CampaignPlan>): void {
    for (const [key, count] of this.#accepted) if (count > 1) this.#fail(`${key} counted ${count} times`);
    for (const event of this.#ledger.events.values()) {
      if (event.type !== 'conversion' || event.answers === 0) continue;
      // Where a campaign was paused, or had no money, all who brought it may have been turned away.
      const { purpose } = plans.get(event.campaignId) as CampaignPlan;
      if ((purpose === 'plain' || purpose === 'canary') && !this.#accepted.has(keyOf(event)))
        this.#fail(`${keyOf(event)} did not count, though ${event.eventId} brought it`);
    }
  }
}

function keyOf({ campaignId, transactionId, clickEventId, goal }: SentEvent): string {
  return transactionId === undefined
    ? `${campaignId}: click ${clickEventId} with goal ${goal}`
    : `${campaignId}: transaction ${transactionId}`;
}
