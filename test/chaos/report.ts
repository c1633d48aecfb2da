/** What a run has come to, for people and for programs. */
import { table } from '../../cli/table.ts';
import type { ChaosResult } from './chaos.ts';

const SHOWN_VIOLATIONS = 40;

/** Whether all is well. */
export function isGood({ lost, doubled, overspent, violations }: ChaosResult): boolean {
  return lost === 0 && doubled === 0 && overspent === 0n && violations.length === 0;
}

export function reportJson(result: ChaosResult): string {
  return JSON.stringify({
    seed: result.seed,
    faults: result.faults.length,
    sent: result.sent,
    accepted: result.accepted,
    counted: result.counted,
    lost: result.lost,
    doubled: result.doubled,
    overspent: Number(result.overspent),
    longest_gap_ms: Math.round(result.longestGapMs),
    longest_recovery_ms: Math.round(result.longestRecoveryMs),
    violations: result.violations.length,
    payouts: result.money.payouts,
    payouts_succeeded: result.money.succeeded,
    refunds: result.money.refunds,
    recoveries: Object.fromEntries(
      recoveriesByKind(result).map(({ name, count, median, longest }) => [
        name,
        { faults: count, median_ms: median, max_ms: longest },
      ]),
    ),
  });
}

export function reportText(result: ChaosResult): string {
  const { seed, faults, violations, failedStarts, failures, folder } = result;
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const totals = [
    ['faults', String(faults.length)],
    ['events sent', String(result.sent)],
    ['accepted', String(result.accepted)],
    ['counted', String(result.counted)],
    ['lost', String(result.lost)],
    ['doubled', String(result.doubled)],
    ['overspent', `${result.overspent} micros`],
    ['payouts', `${result.money.payouts}, of which ${result.money.succeeded} succeeded`],
    ['refunds', String(result.money.refunds)],
    ['longest gap in service', seconds(result.longestGapMs)],
    ['longest recovery', seconds(result.longestRecoveryMs)],
  ];
  const kinds = recoveriesByKind(result).map(({ name, count, median, longest }) => [
    name,
    String(count),
    seconds(median),
    seconds(longest),
  ]);
  const attempts = [...failures].map(([how, count]) => `  ${count} × ${how}`);
  return [
    `seed ${seed}`,
    '',
    ...totals.map(([name = '', value = '']) => `${name.padEnd(24)}${value}`),
    '',
    `${table([['fault', 'times', 'median recovery', 'longest'], ...kinds], ['fault'])}\n`,
    ...(attempts.length > 0 ? ['attempts that clients had to repeat:', ...attempts, ''] : []),
    ...(failedStarts.length > 0 ? [...failedStarts, ''] : []),
    ...listed(violations),
    ...(folder === undefined ? [] : [`data and logs of each process: ${folder}`]),
    isGood(result) ? 'all is well' : `${violations.length} violations`,
    '',
  ].join('\n');
}

function listed(violations: readonly string[]): string[] {
  const shown = violations.slice(0, SHOWN_VIOLATIONS).map((violation) => `VIOLATION ${violation}`);
  const more = violations.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more`] : shown;
}

interface KindRecoveries {
  readonly name: string;
  readonly count: number;
  /** Milliseconds. */
  readonly median: number;
  readonly longest: number;
}

/** Recoveries by kind of fault, the slowest first. */
function recoveriesByKind({ faults }: ChaosResult): KindRecoveries[] {
  const byName = new Map<string, number[]>();
  for (const { name, recoveryMs } of faults)
    byName.set(name, [...(byName.get(name) ?? []), Math.round(recoveryMs ?? Number.POSITIVE_INFINITY)]);
  return [...byName]
    .map(([name, times]) => {
      const sorted = times.sort((left, right) => left - right);
      const median = sorted[Math.floor((sorted.length - 1) / 2)] as number;
      return { name, count: times.length, median, longest: sorted.at(-1) as number };
    })
    .sort((left, right) => right.longest - left.longest);
}
