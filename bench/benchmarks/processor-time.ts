/** Processor time of an event over all processes, against the pipeline that a team would write first. */
import { storedMetrics } from '../../test/support/management.ts';
import { Baseline } from '../baseline/baseline.ts';
import { type Bench, type Benchmark, checkCount } from '../benchmark.ts';
import { WARM_UP_MS } from '../load/event-load.ts';
import type { LoadKind } from '../load/load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { processorTimeMs } from '../processor-time.ts';
import { Resources } from '../resources.ts';
import { type Row, rowOf } from '../row.ts';
import { BATCH } from '../samples.ts';
import { each, Turnpike } from '../servers/turnpike.ts';

const CAMPAIGNS = 20;
const REFERENCE =
  'Fastify, one SET NX and one JetStream publish an event, one actor message an event; no warehouse';
const OURS = 'Turnpike on NATS and Redis';
const MICROSECONDS = 1_000;
/** Loads of the usual length in one: what a process does at rest, until all is there, is counted to its events. */
const LOADS = 2;

interface Form {
  readonly name: string;
  readonly connections: number;
  readonly events: number;
  readonly atMost: number;
  what(campaigns: readonly string[]): LoadKind;
}

const FORMS: readonly Form[] = [
  {
    name: 'batches',
    connections: 8,
    events: BATCH,
    atMost: 1 / 20,
    what: (campaigns) => ({ kind: 'batch', campaigns, events: BATCH }),
  },
  {
    name: 'single',
    connections: 64,
    events: 1,
    atMost: 1 / 6,
    what: (campaigns) => ({ kind: 'json', campaigns }),
  },
];

export const processorTime: Benchmark = {
  name: 'cpu',
  question: 'What does an event cost in processor time, all processes together?',
  async run(bench) {
    await using resources = new Resources();
    const { profileFolder } = bench;
    const [system, baseline] = await resources.useAll([
      Turnpike.start({ engines: 'distributed', campaigns: CAMPAIGNS, profileFolder }),
      Baseline.start(),
    ]);
    const rows: Row[] = [];
    for (const form of FORMS) rows.push(await measure(bench, form, system, baseline));
    return rows;
  },
};

async function measure(bench: Bench, form: Form, system: Turnpike, baseline: Baseline): Promise<Row> {
  const what = form.what(system.campaignIds);
  /** Puts load on, and waits until all that follows from it is done. @returns µs an event */
  const costOf = async (
    pids: readonly number[],
    port: number,
    counted: () => Promise<number>,
    settled: (sent: number) => Promise<number>,
  ): Promise<number> => {
    const before = await counted();
    const timeBefore = processorTimeMs(pids);
    const { sent } = await bench.generator.run({
      ...{ port, what, connections: form.connections, rate: 0, pids },
      ...{ warmUpMs: WARM_UP_MS, durationMs: LOADS * bench.loadMs },
    });
    const events = sent * form.events;
    const after = await settled(before + events);
    const time = processorTimeMs(pids) - timeBefore;
    checkCount('events counted', events, after - before);
    return (time * MICROSECONDS) / events;
  };
  const counted = async (): Promise<number> => (await system.countsWhenThere()).accepted;
  const subjects = [
    {
      name: REFERENCE,
      run: () =>
        costOf(
          baseline.pids,
          baseline.port,
          () => baseline.counted(),
          (expected) => baseline.settle(expected),
        ),
    },
    {
      name: OURS,
      run: () =>
        costOf(system.pids, system.ingestPort, counted, async () => {
          const all = await counted();
          // Its rows belong to the cost as well: they are in the warehouse when these are answered.
          await each(system.campaignIds, (id) => storedMetrics(system.server, id));
          await system.rest();
          return all;
        }),
    },
  ];
  const results = await inTurn(subjects, bench.longRuns, (line) => bench.tell(`cpu ${form.name}: ${line}`));
  return rowOf({
    name: `cpu-${form.name}`,
    question: processorTime.question,
    unit: 'µs/event',
    samples: resultsOf(results, OURS),
    reference: { name: REFERENCE, samples: resultsOf(results, REFERENCE) },
    aims: [{ of: 'ratio', atMost: form.atMost }],
    notes: [
      'user and system time of collector, actors, NATS and Redis until all is counted and at rest; ours includes rules, budgets, and the rows in the warehouse, which the reference does not have',
    ],
  });
}
