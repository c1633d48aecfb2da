/** What directed scenarios share: a run with a topology of their own, which keeps its logs if it finds something. */
import { waitFor } from '../support/wait.ts';
import type { Injected } from './faults/injector.ts';
import { type FaultKind, faultKind } from './faults/kinds.ts';
import type { FaultRecord } from './faults/recoveries.ts';
import type { Verdict } from './oracle/evidence.ts';
import { ChaosRun } from './run.ts';
import type { Topology } from './system/topology.ts';

export interface ScenarioOptions {
  readonly processes: Topology['processes'];
  /** About how long it will take. */
  readonly seconds: number;
  readonly timeoutsMs?: readonly number[];
}

const SEED = 20_261_122;
const EVENTS_PER_SECOND = 250;

/** A system under load: its first events are answered. */
export async function startScenario({ processes, seconds, timeoutsMs }: ScenarioOptions): Promise<ChaosRun> {
  const run = await ChaosRun.start({
    seed: SEED,
    topology: { processes, partitions: 4 },
    eventsPerSecond: EVENTS_PER_SECOND,
    durationMs: seconds * 1_000,
    tell: () => undefined,
    ...(timeoutsMs && { timeoutsMs }),
  });
  run.begin();
  await moreAnswers(run, EVENTS_PER_SECOND);
  return run;
}

/** Waits until so many more events are answered. */
export async function moreAnswers({ ledger }: ChaosRun, count: number): Promise<void> {
  const enough = ledger.answered + count;
  await waitFor(`${count} more events to be answered`, () => ledger.answered >= enough, 60_000);
}

/**
 * Makes a fault happen, and waits until it is over.
 *
 * @param choice which of those that it can happen to: a number from 0 to 1
 */
export async function suffer(run: ChaosRun, name: string, lastsMs: number, choice = 0): Promise<FaultRecord> {
  const kind: FaultKind = faultKind(name);
  const injected = (await run.inject(kind, { lastsMs, choice, delayMs: 0 })) as Injected;
  const record = run.recoveries.faults.at(-1) as FaultRecord;
  await injected.over;
  return record;
}

/** The verdict; the logs stay if there is something to find in them. */
export async function judge(run: ChaosRun): Promise<Verdict> {
  const verdict = await run.finish();
  run.system.isKept = verdict.violations.length > 0;
  return verdict.violations.length === 0
    ? verdict
    : { ...verdict, violations: [...verdict.violations, `logs: ${run.system.logFolder}`] };
}

/** Nothing is wrong. */
export const EXACT = { lost: 0, doubled: 0, overspent: 0n, violations: [] };
