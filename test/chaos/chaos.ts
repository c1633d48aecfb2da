/** The chaos run: faults at random, by a seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../cli/demo/random.ts';
import { type PlannedFault, planFaults } from './faults/plan.ts';
import type { FaultRecord } from './faults/recoveries.ts';
import type { Verdict } from './oracle/evidence.ts';
import type { MoneyTotals } from './oracle/money.ts';
import { ChaosRun } from './run.ts';
import type { Topology } from './system/topology.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly faultsPerMinute: number;
  readonly eventsPerSecond: number;
  readonly topology: Topology;
  /** Whether data and logs stay afterwards. */
  readonly keep: boolean;
  /** Takes a line for people, now and then. */
  readonly tell: (line: string) => void;
  /** Ends the run before its time; what was sent by then is judged. */
  readonly signal?: AbortSignal;
}

export interface ChaosResult extends Verdict {
  readonly seed: number;
  readonly faults: readonly FaultRecord[];
  /** Different events sent, and answered. */
  readonly sent: number;
  readonly accepted: number;
  readonly money: MoneyTotals;
  readonly longestGapMs: number;
  readonly longestRecoveryMs: number;
  /** Attempts that failed, by what clients saw. */
  readonly failures: ReadonlyMap<string, number>;
  /** Processes that could not start at once, because what they need was away. */
  readonly failedStarts: readonly string[];
  /** Where data and logs are, if they are kept. */
  readonly folder: string | undefined;
}

/** Streams of the seed. */
const FAULT_STREAM = 3;
const STATUS_MS = 10_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, durationMs, faultsPerMinute, keep } = options;
  const count = Math.round((durationMs / 60_000) * faultsPerMinute);
  const plan = planFaults(new SeededRandom(seed, FAULT_STREAM), durationMs, count);
  const run = await ChaosRun.start(options);
  run.system.isKept = keep;
  try {
    run.begin();
    await spoil(run, plan, options);
    const verdict = await run.finish();
    run.system.isKept ||= verdict.violations.length > 0;
    return resultOf(run, verdict, seed);
  } catch (error) {
    run.system.isKept = true;
    throw error;
  } finally {
    await run[Symbol.asyncDispose]();
    if (run.system.isKept) options.tell(`data and logs are in ${run.system.folder}`);
  }
}

/** Lets the planned faults happen. */
async function spoil(run: ChaosRun, plan: readonly PlannedFault[], options: ChaosOptions): Promise<void> {
  const { durationMs, tell, signal } = options;
  const begin = performance.now();
  const clock = (): string => `${((performance.now() - begin) / 1_000).toFixed(1)} s`;
  const until = (atMs: number): Promise<unknown> =>
    sleep(Math.max(0, begin + atMs - performance.now()), undefined, { signal }).catch(() => undefined);
  const status = setInterval(() => {
    const { events, answered } = run.ledger;
    tell(
      `${clock()}  ${events.size} events sent, ${answered} answered, ${run.recoveries.faults.length} faults`,
    );
  }, STATUS_MS);
  try {
    for (const { kind, atMs, ...fault } of plan) {
      await until(atMs);
      if (signal?.aborted) return;
      void run.inject(kind, fault).then((injected) => {
        if (injected === undefined) return;
        const lasts = fault.lastsMs > 0 ? ` for ${(fault.lastsMs / 1_000).toFixed(1)} s` : '';
        tell(`${clock()}  ${kind.name}: ${injected.hit}${lasts}`);
        void injected.over.then(() => tell(`${clock()}  over: ${kind.name}: ${injected.hit}`));
      });
    }
    await until(durationMs);
  } finally {
    clearInterval(status);
  }
}

function resultOf(run: ChaosRun, verdict: Verdict, seed: number): ChaosResult {
  const { ledger, watch, recoveries, system } = run;
  return {
    ...verdict,
    seed,
    faults: recoveries.faults,
    sent: ledger.events.size,
    accepted: ledger.answered,
    money: run.money,
    longestGapMs: watch.longestGapMs,
    longestRecoveryMs: recoveries.longestMs,
    failures: watch.failures,
    failedStarts: system.processes
      .filter(({ failedStarts }) => failedStarts > 0)
      .map(({ name, failedStarts }) => `${name} was started ${failedStarts} times in vain`),
    folder: system.isKept ? system.folder : undefined,
  };
}
