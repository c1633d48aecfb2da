/** Totals that events are counted into one by one. */
import { type Totals, type TotalsJson, totalsFromJson } from '../../model/campaign.ts';
import { MicrosSum } from './micros-sum.ts';

export class OpenTotals implements Totals {
  received = 0;
  accepted = 0;
  duplicates = 0;
  rejected = 0;
  pending = 0;
  impressions = 0;
  clicks = 0;
  uniqueClicks = 0;
  conversions = 0;
  readonly #revenue = new MicrosSum();
  readonly #spend = new MicrosSum();
  readonly #commission = new MicrosSum();

  static fromJson(json: TotalsJson): OpenTotals {
    return Object.assign(new OpenTotals(), totalsFromJson(json));
  }

  get revenueMicros(): bigint {
    return this.#revenue.micros;
  }

  set revenueMicros(micros: bigint) {
    this.#revenue.micros = micros;
  }

  get spendMicros(): bigint {
    return this.#spend.micros;
  }

  set spendMicros(micros: bigint) {
    this.#spend.micros = micros;
  }

  get commissionMicros(): bigint {
    return this.#commission.micros;
  }

  set commissionMicros(micros: bigint) {
    this.#commission.micros = micros;
  }

  /** Adds the amounts of one event: integers from 0 on. */
  addAmounts(revenueMicros: number, spendMicros: number, commissionMicros: number): void {
    if (revenueMicros !== 0) this.#revenue.add(revenueMicros);
    if (spendMicros !== 0) this.#spend.add(spendMicros);
    if (commissionMicros !== 0) this.#commission.add(commissionMicros);
  }

  /** What they are now. */
  figures(): Totals {
    return {
      received: this.received,
      accepted: this.accepted,
      duplicates: this.duplicates,
      rejected: this.rejected,
      pending: this.pending,
      impressions: this.impressions,
      clicks: this.clicks,
      uniqueClicks: this.uniqueClicks,
      conversions: this.conversions,
      revenueMicros: this.revenueMicros,
      spendMicros: this.spendMicros,
      commissionMicros: this.commissionMicros,
    };
  }
}
