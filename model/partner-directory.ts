/** The replicated view of all partners that lists are made from; fed with summaries by the actors. */
import type { PartnerSummary } from './partner.ts';

export class PartnerDirectory {
  readonly #partners = new Map<string, PartnerSummary>();

  /** Takes a summary over unless a newer one is known. */
  put(summary: PartnerSummary): void {
    const known = this.#partners.get(summary.partnerId);
    if (!known || known.revision <= summary.revision) this.#partners.set(summary.partnerId, summary);
  }

  /** All partners, in the order in which they became known. */
  values(): IterableIterator<PartnerSummary> {
    return this.#partners.values();
  }
}
