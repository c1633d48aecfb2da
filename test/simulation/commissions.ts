/** What partners earn in a world: plans with one tier, of which anybody can tell what they are worth. */
import type {
  CommissionPlan,
  CommissionRule,
  EarningRate,
  TierMeasure,
} from '../../model/commission-plan.ts';
import type { Random } from '../support/random.ts';

const DAY = 86_400_000;

const MEASURES = {
  FLAT: ['conversions', [1, 2, 5]],
  PERCENTAGE: ['revenue', [1_000_000, 7_000_000]],
  CPC: ['clicks', [1, 3, 10]],
} as const satisfies Readonly<Record<string, readonly [TierMeasure, readonly number[]]>>;

/** Draws a plan, or none. Nothing else in the world depends on what is drawn here. */
export function drawCommission(random: Random): CommissionPlan | undefined {
  if (random.chance(0.3)) return undefined;
  const base = drawRate(random);
  const rule = { name: 'second', partnerIds: ['p2'], ...drawRate(random) } as CommissionRule;
  return {
    ...base,
    ...(random.chance(0.3) && { holdMs: random.integer(1, 90) * DAY }),
    ...(random.chance(0.5) && { rules: [rule] }),
  };
}

function drawRate(random: Random): EarningRate {
  const model = random.pick(['FLAT', 'PERCENTAGE', 'CPC'] as const);
  const [by, thresholds] = MEASURES[model];
  const first = random.integer(1, 333_333);
  const mode = random.pick(['MARGINAL', 'RETROACTIVE'] as const);
  const step = { from: random.pick(thresholds), rate: first + random.integer(0, 333_333) };
  const tiers = { mode, by, period: 'total', steps: [step] } as const;
  const cap = { micros: random.integer(1, 5_000_000), period: 'total' } as const;
  const more = { tiers, ...(random.chance(0.3) && { cap }) };
  if (model === 'PERCENTAGE') return { model, sharePpm: first, ...more };
  return { model, rate: { micros: first, currency: 'USD' }, ...more };
}
