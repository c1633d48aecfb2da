/** The suite: its benchmarks, in the order in which they are run and shown. */
import type { Bench, Benchmark } from './benchmark.ts';
import { batches } from './benchmarks/batches.ts';
import { freshness } from './benchmarks/freshness.ts';
import { growthCampaigns } from './benchmarks/growth-campaigns.ts';
import { growthConnections } from './benchmarks/growth-connections.ts';
import { growthLog } from './benchmarks/growth-log.ts';
import { hot } from './benchmarks/hot-functions.ts';
import { management } from './benchmarks/management.ts';
import { processorTime } from './benchmarks/processor-time.ts';
import { replay } from './benchmarks/replay.ts';
import { singleEvents } from './benchmarks/single-events.ts';
import { collectGarbage } from './garbage.ts';
import type { Row } from './row.ts';

export const SUITE: readonly Benchmark[] = [
  singleEvents,
  batches,
  processorTime,
  replay,
  freshness,
  growthCampaigns,
  growthConnections,
  growthLog,
  management,
  hot,
];

/**
 * The benchmarks of these names, in the suite's order; all of them if there are none.
 *
 * @throws RangeError for a name that there is not
 */
export function chosen(names: readonly string[], suite: readonly Benchmark[] = SUITE): readonly Benchmark[] {
  const known = suite.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no ${unknown}: there are ${known.join(', ')}`);
  return names.length === 0 ? suite : suite.filter(({ name }) => names.includes(name));
}

/** What came out, failures included: one benchmark that fails does not keep the others from running. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

export async function runSuite(benchmarks: readonly Benchmark[], bench: Bench): Promise<Outcome> {
  const rows: Row[] = [];
  const failures: { name: string; error: unknown }[] = [];
  for (const benchmark of benchmarks) {
    bench.tell(`── ${benchmark.name}: ${benchmark.question}`);
    collectGarbage();
    const begin = performance.now();
    try {
      rows.push(...(await benchmark.run(bench)));
    } catch (error) {
      failures.push({ name: benchmark.name, error });
      bench.tell(`${benchmark.name} failed: ${String(error)}`);
    }
    bench.tell(`${benchmark.name} took ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  }
  return { rows, failures };
}
