/** Growth: what do many connections cost? */
import type { Benchmark } from '../benchmark.ts';
import { type EventLoad, loadEvents } from '../load/event-load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { rowOf } from '../row.ts';
import { Turnpike } from '../servers/turnpike.ts';
import { median } from '../statistics.ts';

const CAMPAIGNS = 20;
const SIZES = { quick: [10, 100, 10_000], full: [10, 100, 1_000, 10_000] };
const LARGEST = 10_000;

export const growthConnections: Benchmark = {
  name: 'growth-connections',
  question: 'What do many connections cost, with single events?',
  async run(bench) {
    const { profileFolder } = bench;
    const sizes = bench.isQuick ? SIZES.quick : SIZES.full;
    await using system = await Turnpike.start({ engines: 'embedded', campaigns: CAMPAIGNS, profileFolder });
    const what = { kind: 'json', campaigns: system.campaignIds } as const;
    const subjects = sizes.map((connections) => ({
      name: `${connections} connections`,
      run: () => loadEvents(bench, system, { what, connections, events: 1 }),
    }));
    const results = await inTurn(subjects, bench.longRuns, (line) =>
      bench.tell(`growth-connections: ${line}`),
    );
    const loadsOf = (connections: number): readonly EventLoad[] =>
      resultsOf(results, `${connections} connections`);
    const samplesOf = (connections: number): number[] =>
      loadsOf(connections).map(({ perSecond }) => perSecond);
    // With few connections each waits for its commit: not the smallest number is the one to hold it against.
    const rates = sizes.map((connections) => median(samplesOf(connections)));
    const best = sizes[rates.indexOf(Math.max(...rates.slice(0, -1)))] as number;
    return [
      rowOf({
        name: 'growth-connections',
        question: growthConnections.question,
        unit: 'events/s',
        samples: samplesOf(LARGEST),
        reference: {
          name: `itself with ${best} connections: where fewer are quickest`,
          samples: samplesOf(best),
        },
        aims: [{ of: 'ratio', atLeast: 0.85 }],
        notes: sizes.map((connections) => {
          const loads = loadsOf(connections);
          const rate = Math.round(median(loads.map(({ perSecond }) => perSecond)));
          const p99 = median(loads.map(({ p99Ms }) => p99Ms)).toFixed(1);
          return `${connections} connections: ${rate} events/s, p99 ${p99} ms`;
        }),
        series: {
          title: 'Throughput by connections',
          x: 'connections',
          y: 'events/s',
          isLogarithmic: true,
          lines: [
            {
              name: 'single events, embedded',
              points: sizes.map((connections, index) => [connections, rates[index] as number]),
            },
          ],
        },
      }),
    ];
  },
};
