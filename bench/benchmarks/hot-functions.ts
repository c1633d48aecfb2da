/** Hot functions, each beside what one would have written first. */
import { Bench as TinyBench } from 'tinybench';
import type { Bench, Benchmark } from '../benchmark.ts';
import { type Row, rowOf } from '../row.ts';
import { BATCH } from '../samples.ts';
import { type HotFunction, hotFunctions } from './hot-functions/list.ts';

/** Milliseconds for which each of the two runs in one repetition. */
const TIME_MS = { quick: 120, full: 800 };
const NANOSECONDS = 1_000_000;

export const hot: Benchmark = {
  name: 'hot',
  question: 'Hot functions: what does each cost an event, and what would its obvious alternative?',
  async run(bench) {
    const rows: Row[] = [];
    for (const candidate of await hotFunctions()) {
      bench.tell(`hot: ${candidate.name}`);
      rows.push(await compare(bench, candidate));
    }
    return rows;
  },
};

async function compare(bench: Bench, { name, ours, alternative, why }: HotFunction): Promise<Row> {
  const timeMs = bench.isQuick ? TIME_MS.quick : TIME_MS.full;
  const samples: number[] = [];
  const references: number[] = [];
  for (let round = 0; round < bench.runs; round++) {
    const tiny = new TinyBench({ time: timeMs, warmupTime: timeMs / 4, throws: true });
    tiny.add('ours', ours).add('alternative', alternative.run);
    await tiny.run();
    samples.push(nanosecondsPerEvent(tiny, 'ours'));
    references.push(nanosecondsPerEvent(tiny, 'alternative'));
  }
  return rowOf({
    name: `hot-${name}`,
    question: hot.question,
    unit: 'ns/event',
    samples,
    reference: { name: alternative.name, samples: references },
    notes: [why],
  });
}

/** The median over the calls, each of which deals with a batch. */
function nanosecondsPerEvent(tiny: TinyBench, name: string): number {
  const result = tiny.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`${name} was not measured: ${result?.state}`);
  return (result.latency.p50 * NANOSECONDS) / BATCH;
}
