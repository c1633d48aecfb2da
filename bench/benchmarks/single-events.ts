/** Single events, answered after the append: how near to the bare HTTP server? */
import { type Bench, type Benchmark, WrongCount } from '../benchmark.ts';
import { type EventLoad, loadEvents, WARM_UP_MS } from '../load/event-load.ts';
import type { LoadKind } from '../load/load.ts';
import { runWrk } from '../load/wrk.ts';
import { inTurn, resultsOf, type Subject } from '../measure.ts';
import { Resources } from '../resources.ts';
import { type Row, rowOf } from '../row.ts';
import { startEmpty } from '../servers/empty.ts';
import type { Program } from '../servers/program.ts';
import { type Engines, Turnpike } from '../servers/turnpike.ts';
import { median } from '../statistics.ts';

const CONNECTIONS = 128;
const CAMPAIGNS = 20;
const EMPTY = 'empty uWebSockets.js route with the same answer';
const KINDS = ['pixel', 'json'] as const;
const ENGINES: readonly Engines[] = ['embedded', 'distributed'];
const AIMS: Readonly<Record<Engines, number>> = { embedded: 0.8, distributed: 0.7 };

type Kind = (typeof KINDS)[number];
type Systems = Readonly<Record<Engines, Turnpike>>;

export const singleEvents: Benchmark = {
  name: 'single',
  question: 'Single events, answered after the log append: how near to the bare HTTP server?',
  async run(bench) {
    await using resources = new Resources();
    const start = (engines: Engines): Promise<Turnpike> =>
      Turnpike.start({ engines, campaigns: CAMPAIGNS, profileFolder: bench.profileFolder });
    const [embedded, distributed] = await resources.useAll([start('embedded'), start('distributed')]);
    const systems = { embedded, distributed };
    const empty = resources.use(await startEmpty(systems.embedded));
    const rows: Row[] = [];
    for (const kind of KINDS) rows.push(...(await measureKind(bench, kind, systems, empty)));
    if (bench.hasWrk)
      for (const kind of bench.isQuick ? (['pixel'] as const) : KINDS)
        rows.push(...(await measureWithWrk(bench, kind, systems, empty)));
    return rows;
  },
};

async function measureKind(bench: Bench, kind: Kind, systems: Systems, empty: Program): Promise<Row[]> {
  const whatOf = (campaigns: readonly string[]): LoadKind => ({ kind, campaigns });
  const reference = async (): Promise<EventLoad> => {
    const result = await bench.generator.run({
      port: empty.port,
      what: whatOf(systems.embedded.campaignIds),
      connections: CONNECTIONS,
      warmUpMs: WARM_UP_MS,
      durationMs: bench.loadMs,
      rate: 0,
      pids: [empty.pid],
    });
    return {
      perSecond: (result.measured * 1_000) / result.windowMs,
      behindMs: 0,
      generatorCores: result.ownMs / result.windowMs,
      systemCores: result.theirsMs / result.windowMs,
      p99Ms: result.p99Ms,
    };
  };
  const subjects: Subject<EventLoad>[] = [
    { name: EMPTY, run: reference },
    ...ENGINES.map((engines) => ({
      name: engines,
      run: () =>
        loadEvents(bench, systems[engines], {
          what: whatOf(systems[engines].campaignIds),
          connections: CONNECTIONS,
          events: 1,
        }),
    })),
  ];
  const results = await inTurn(subjects, bench.runs, (line) => bench.tell(`single ${kind}: ${line}`));
  const references = resultsOf(results, EMPTY);
  return ENGINES.map((engines) => {
    const loads = resultsOf(results, engines);
    return rowOf({
      name: `single-${kind}-${engines}`,
      question: singleEvents.question,
      unit: 'events/s',
      samples: loads.map(({ perSecond }) => perSecond),
      reference: { name: EMPTY, samples: references.map(({ perSecond }) => perSecond) },
      aims: [{ of: 'ratio', atLeast: AIMS[engines] }],
      notes: [busyNote(loads), `of the reference: ${busyNote(references)}`],
    });
  });
}

/** Who was busy, and how the answers kept up. */
export function busyNote(loads: readonly EventLoad[]): string {
  const of = (figure: (load: EventLoad) => number): number => median(loads.map(figure));
  const cores = `processors busy: generator ${of((load) => load.generatorCores).toFixed(2)}, system ${of((load) => load.systemCores).toFixed(2)}`;
  const behind = of((load) => load.behindMs);
  const p99 = `p99 ${of((load) => load.p99Ms).toFixed(1)} ms`;
  return behind === 0 ? `${cores}; ${p99}` : `${cores}; ${p99}; all counted ${behind.toFixed(0)} ms after`;
}

/** The same by `wrk`, whose requests are all alike: the collector gives each event an id. */
async function measureWithWrk(bench: Bench, kind: Kind, systems: Systems, empty: Program): Promise<Row[]> {
  const campaign = systems.embedded.campaignIds[0] as string;
  const request =
    kind === 'pixel'
      ? { path: `/p.gif?t=impression&c=${campaign}&p=partner-1` }
      : {
          path: '/v1/events',
          body: JSON.stringify({ type: 'impression', campaign_id: campaign, partner_id: 'partner-1' }),
        };
  const load = { ...request, connections: CONNECTIONS, durationMs: bench.loadMs };
  const owns: number[] = [];
  const subjects: Subject<number>[] = [
    { name: EMPTY, run: async () => (await runWrk({ ...load, port: empty.port })).perSecond },
    ...ENGINES.map((engines) => ({
      name: engines,
      run: async () => {
        const system = systems[engines];
        const before = await system.countsWhenThere();
        const { perSecond, answered, ownMs } = await runWrk({ ...load, port: system.ingestPort });
        const after = await system.countsWhenThere();
        const counted = after.accepted - before.accepted;
        // What it had sent when its time was up is counted too, though it did not wait for the answers.
        if (
          counted < answered ||
          counted > answered + CONNECTIONS ||
          counted !== after.received - before.received
        )
          throw new WrongCount(`events by wrk (and up to ${CONNECTIONS} more)`, answered, counted);
        await system.rest();
        owns.push(ownMs / bench.loadMs);
        return perSecond;
      },
    })),
  ];
  const results = await inTurn(subjects, bench.longRuns, (line) =>
    bench.tell(`single ${kind} by wrk: ${line}`),
  );
  return ENGINES.map((engines) =>
    rowOf({
      name: `single-${kind}-${engines}-wrk`,
      question: singleEvents.question,
      unit: 'events/s',
      samples: resultsOf(results, engines),
      reference: { name: EMPTY, samples: resultsOf(results, EMPTY) },
      aims: [{ of: 'ratio', atLeast: AIMS[engines] }],
      notes: [`by wrk, which took ${median(owns).toFixed(2)} of a processor`],
    }),
  );
}
