/** Batches of 500 events: how near to parsing their JSON and doing nothing with it? */
import type { Bench, Benchmark } from '../benchmark.ts';
import { type EventLoad, loadEvents } from '../load/event-load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { type Aim, type Row, rowOf } from '../row.ts';
import { BATCH, batchBody, campaignNames } from '../samples.ts';
import { type Engines, Turnpike } from '../servers/turnpike.ts';
import { busyNote } from './single-events.ts';

const CONNECTIONS = 16;
const CAMPAIGNS = 20;
const BODIES = 64;
const REFERENCE = 'JSON.parse of the same bodies alone, on one core';
const AIMS: Readonly<Record<Engines, Aim>> = {
  embedded: { of: 'ratio', atLeast: 0.5 },
  distributed: { of: 'value', atLeast: 250_000 },
};
const ENGINES: readonly Engines[] = ['embedded', 'distributed'];

export const batches: Benchmark = {
  name: 'batches',
  question: 'Batches of 500 events: how near to parsing their JSON and doing nothing with it?',
  async run(bench) {
    const bodies = Array.from({ length: BODIES }, (_, number) => batchBody(campaignNames(CAMPAIGNS), number));
    parseFor(bodies, bench.loadMs / 2);
    // One after the other: what one still has to do must not be done while the other is measured.
    const rows: Row[] = [];
    for (const engines of ENGINES) rows.push(await measure(bench, engines, bodies));
    return rows;
  },
};

async function measure(bench: Bench, engines: Engines, bodies: readonly Buffer[]): Promise<Row> {
  const { profileFolder } = bench;
  await using system = await Turnpike.start({ engines, campaigns: CAMPAIGNS, profileFolder });
  const what = { kind: 'batch', campaigns: system.campaignIds, events: BATCH } as const;
  const loads: EventLoad[] = [];
  const subjects = [
    { name: REFERENCE, run: async () => parseFor(bodies, bench.loadMs / 2) },
    {
      name: engines,
      async run() {
        const load = await loadEvents(bench, system, { what, connections: CONNECTIONS, events: BATCH });
        loads.push(load);
        return load.perSecond;
      },
    },
  ];
  const results = await inTurn(subjects, bench.runs, (line) => bench.tell(`batches: ${line}`));
  return rowOf({
    name: `batches-${engines}`,
    question: batches.question,
    unit: 'events/s',
    samples: resultsOf(results, engines),
    reference: { name: REFERENCE, samples: resultsOf(results, REFERENCE) },
    aims: [AIMS[engines]],
    notes: [`${CONNECTIONS} connections; ${busyNote(loads)}`],
  });
}

/** Parses bodies in turn for so long. @returns events a second */
function parseFor(bodies: readonly Buffer[], durationMs: number): number {
  const begin = performance.now();
  let events = 0;
  let tookMs = 0;
  for (let next = 0; tookMs < durationMs; next++) {
    const parsed = JSON.parse((bodies[next % bodies.length] as Buffer).toString()) as readonly unknown[];
    events += parsed.length;
    tookMs = performance.now() - begin;
  }
  return (events * 1_000) / tookMs;
}
