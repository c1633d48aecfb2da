/** Each campaign by itself: its rows, its aggregates and its live figures must tell the same, and no cap is broken. */
import type { CampaignPlan, CostModel } from '../load/campaigns.ts';
import type { Figures } from '../load/management-clients.ts';
import { REASON } from './events.ts';
import type { DecidedRow, Evidence } from './evidence.ts';

const DAY_MS = 86_400_000;
const PAID_TYPE: Readonly<Record<CostModel, number>> = { CPM: 1, CPC: 2, CPA: 3 };
const TYPE_NAMES = ['', 'impressions', 'clicks', 'conversions'] as const;
const FIGURES = [
  'received',
  'accepted',
  'duplicates',
  'rejected',
  'pending',
  'impressions',
  'clicks',
  'conversions',
  'revenueMicros',
  'spendMicros',
] as const satisfies readonly (keyof Figures)[];

/** What the rows of one campaign add up to. */
export class CampaignAccount {
  readonly #plan: CampaignPlan;
  readonly #fail: (text: string) => void;
  readonly #counts = {
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    pending: 0,
    impressions: 0,
    clicks: 0,
    conversions: 0,
  };
  #revenue = 0n;
  #spend = 0n;
  #paid = 0n;
  #isRefusedForTotal = false;
  /** By day: what was spent, and whether more was asked for. */
  readonly #days = new Map<number, { spend: bigint; isRefused: boolean }>();

  constructor(plan: CampaignPlan, fail: (text: string) => void) {
    this.#plan = plan;
    this.#fail = fail;
  }

  take({ eventId, type, reason, recordTime, ...row }: DecidedRow): void {
    const { campaignId, cost, unitMicros } = this.#plan;
    const day = this.#day(recordTime);
    this.#counts[outcomeOf(reason)]++;
    if (reason === REASON.budgetExhausted) this.#isRefusedForTotal = true;
    if (reason === REASON.dailyBudgetExhausted) day.isRefused = true;
    const isPaid = reason === REASON.accepted && type === PAID_TYPE[cost];
    if (row.spendMicros !== (isPaid ? unitMicros : 0n))
      this.#fail(`${eventId} of ${campaignId}, decided ${reason}, cost ${row.spendMicros}`);
    this.#spend += row.spendMicros;
    day.spend += row.spendMicros;
    if (isPaid) this.#paid++;
    if (reason !== REASON.accepted) return;
    this.#counts[TYPE_NAMES[type as 1 | 2 | 3]]++;
    if (type === 3) this.#revenue += row.valueMicros;
  }

  /** @returns micros spent beyond caps; how many more are counted live than there are rows for, or fewer */
  close(evidence: Evidence): { readonly overspent: bigint; readonly surplus: number } {
    const { campaignId } = this.#plan;
    const [live, ...others] = evidence.live.get(campaignId) ?? [];
    const aggregates = evidence.aggregates.get(campaignId);
    const stored = evidence.stored.get(campaignId);
    if (live === undefined || aggregates === undefined || stored === undefined) {
      this.#fail(`${campaignId} has no figures`);
      return { overspent: 0n, surplus: 0 };
    }
    for (const other of others) this.#compare('live', live, 'live elsewhere', other);
    this.#compare('live', live, 'in the aggregates', aggregates);
    this.#compare('live', live, 'as management reads the warehouse', stored);
    this.#checkRows(live, evidence);
    this.#checkConservation(live, evidence);
    const overspent = this.#checkBudget(live.spendMicros);
    return { overspent, surplus: live.accepted - this.#counts.accepted };
  }

  #compare(name: string, figures: Figures, otherName: string, other: Figures): void {
    for (const field of FIGURES)
      if (figures[field] !== other[field])
        this.#fail(
          `${this.#plan.campaignId}: ${field} is ${figures[field]} ${name} and ${other[field]} ${otherName}`,
        );
  }

  #checkRows(live: Figures, { money }: Evidence): void {
    const { campaignId } = this.#plan;
    const { duplicates, ...exact } = this.#counts;
    for (const [field, count] of Object.entries(exact) as [keyof typeof exact, number][])
      if (live[field] !== count)
        this.#fail(`${campaignId}: ${field} is ${live[field]} live and ${count} in the rows`);
    // What the filter stopped is a number, and no row.
    if (duplicates > live.duplicates)
      this.#fail(`${campaignId}: duplicates are ${live.duplicates} live and ${duplicates} in the rows`);
    const refunded = money.refunds
      .filter((refund) => refund.campaignId === campaignId)
      .reduce((sum, { revenue }) => sum + revenue, 0n);
    if (live.revenueMicros !== this.#revenue - refunded)
      this.#fail(
        `${campaignId}: revenue is ${live.revenueMicros} live, and ${this.#revenue} less ${refunded} in the rows`,
      );
    if (live.spendMicros !== this.#spend)
      this.#fail(`${campaignId}: spend is ${live.spendMicros} live and ${this.#spend} in the rows`);
  }

  /** Everything received has one outcome; and it is all that was answered, and no more than was sent. */
  #checkConservation(live: Figures, { ledger }: Evidence): void {
    const { campaignId } = this.#plan;
    const { received, accepted, duplicates, rejected, pending } = live;
    const sum = accepted + duplicates + rejected + pending;
    if (received !== sum) this.#fail(`${campaignId} received ${received}, and ${sum} have an outcome`);
    const answers = ledger.answers.get(campaignId) ?? 0;
    const attempts = ledger.attempts.get(campaignId) ?? 0;
    if (received < answers || received > attempts)
      this.#fail(`${campaignId} received ${received}; ${answers} were answered and ${attempts} were sent`);
  }

  #checkBudget(spend: bigint): bigint {
    const { campaignId, capMicros, dailyCapMicros, unitMicros } = this.#plan;
    if (this.#spend !== this.#paid * unitMicros)
      this.#fail(`${campaignId} spent ${this.#spend} for ${this.#paid} events at ${unitMicros}`);
    let overspent = spend > capMicros ? spend - capMicros : 0n;
    if (this.#isRefusedForTotal && spend !== capMicros)
      this.#fail(`${campaignId} refused events for its budget at ${spend} of ${capMicros}`);
    for (const { spend: ofDay, isRefused } of this.#days.values()) {
      if (dailyCapMicros === undefined) continue;
      if (ofDay > dailyCapMicros) overspent += ofDay - dailyCapMicros;
      if (isRefused && ofDay !== dailyCapMicros)
        this.#fail(`${campaignId} refused events for its day's budget at ${ofDay} of ${dailyCapMicros}`);
    }
    if (overspent > 0n) this.#fail(`${campaignId} spent ${overspent} more than it may`);
    return overspent;
  }

  #day(recordTime: number): { spend: bigint; isRefused: boolean } {
    const number = Math.floor(recordTime / DAY_MS);
    const day = this.#days.get(number) ?? { spend: 0n, isRefused: false };
    this.#days.set(number, day);
    return day;
  }
}

function outcomeOf(reason: number): 'accepted' | 'duplicates' | 'rejected' | 'pending' {
  if (reason < 200) return 'accepted';
  if (reason < 300) return 'duplicates';
  return reason < 400 ? 'rejected' : 'pending';
}
