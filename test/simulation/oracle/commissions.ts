/** Commissions: each partner has earned what all that it has brought is worth, to the micro, and no more than its cap. */
import type { CommissionPlan, EarningRate } from '../../../model/commission-plan.ts';
import type { CampaignPlan } from '../scenario.ts';
import type { Row } from './check.ts';
import { type Ledger, REASON } from './ledger.ts';

const WHOLE = 1_000_000n;
const CLICK = 2;
const PARTNERS = ['p1', 'p2'];

interface Brought {
  /** Millionths of clicks or conversions, or micros. */
  readonly measure: bigint;
  readonly earned: bigint;
}

/** Notes everything that is wrong in the ledger. */
export function checkCommissions(
  ledger: Ledger,
  plans: readonly CampaignPlan[],
  decided: readonly Row[],
  credits: readonly Row[],
): void {
  for (const { campaignId, definition } of plans)
    for (const partnerId of PARTNERS) {
      const isOwn = (row: Row): boolean => row.campaign_id === campaignId && row.partner_id === partnerId;
      const clicks = decided.filter(
        (row) => isOwn(row) && Number(row.type) === CLICK && Number(row.reason) === REASON.accepted,
      );
      const shares = credits.filter(isOwn);
      for (const isOfClicks of [true, false]) {
        const rate = definition.commission && rateOf(definition.commission, partnerId, isOfClicks);
        const { measure, earned } = isOfClicks
          ? sumOf(clicks, () => WHOLE)
          : sumOf(shares, (row) =>
              BigInt((rate?.model === 'PERCENTAGE' ? row.revenue_micros : row.share_ppm) ?? 0),
            );
        const due = rate ? dueBy(rate, measure) : 0n;
        if (earned !== due)
          ledger.fail(
            `${partnerId} has earned ${earned} by ${isOfClicks ? 'clicks' : 'conversions'} of ${campaignId}, not ${due}`,
          );
      }
    }
}

function sumOf(rows: readonly Row[], measureOf: (row: Row) => bigint): Brought {
  return {
    measure: rows.reduce((sum, row) => sum + measureOf(row), 0n),
    earned: rows.reduce((sum, row) => sum + BigInt(row.commission_micros ?? 0), 0n),
  };
}

/** The rate that pays a partner for clicks, or for conversions. */
function rateOf(plan: CommissionPlan, partnerId: string, isOfClicks: boolean): EarningRate | undefined {
  const paysFor = (rate: EarningRate): boolean => (rate.model === 'CPC') === isOfClicks;
  const rule = plan.rules?.find((one) => one.partnerIds?.includes(partnerId) && paysFor(one));
  if (rule) return rule;
  return plan.model !== undefined && paysFor(plan) ? plan : undefined;
}

/** What something is worth by a rate with one tier, which its cap cuts. */
function dueBy(rate: EarningRate, measure: bigint): bigint {
  const first = BigInt(rate.model === 'PERCENTAGE' ? rate.sharePpm : rate.rate.micros);
  const { tiers, cap } = rate;
  const step = tiers?.steps[0] ?? { from: 0, rate: Number(first) };
  const from = BigInt(step.from) * (tiers?.by === 'revenue' ? 1n : WHOLE);
  const beyond = measure > from ? measure - from : 0n;
  const parts =
    tiers?.mode === 'RETROACTIVE'
      ? measure * (measure >= from ? BigInt(step.rate) : first)
      : (measure - beyond) * first + beyond * BigInt(step.rate);
  const due = parts / WHOLE;
  return cap && due > BigInt(cap.micros) ? BigInt(cap.micros) : due;
}
