/** Growth: does a longer log make recovery longer? */
import { type Bench, type Benchmark, checkCount } from '../benchmark.ts';
import { rowOf } from '../row.ts';
import { BATCH } from '../samples.ts';
import { Turnpike } from '../servers/turnpike.ts';
import { median } from '../statistics.ts';

const CAMPAIGNS = 20;
const CONNECTIONS = 16;
/** More than the longest log takes, which is about 12 GB: nothing is to go before its time. */
const LOG_SIZE = '100GiB';
/** Milliseconds of load between two looks at how many events there are, when there is much to send. */
const FILLED_MS = 30_000;
/** Events in the log when it is killed. The larger one is what half a day of 2,300 events a second bring. */
const LENGTHS = { quick: [0, 100_000], full: [0, 1_000_000, 10_000_000, 100_000_000] };

interface Recovered {
  readonly events: number;
  readonly seconds: readonly number[];
}

export const growthLog: Benchmark = {
  name: 'growth-log',
  question: 'How long after kill -9 is it ready again, with a longer and longer log?',
  async run(bench) {
    await using system = await Turnpike.start({
      engines: 'embedded',
      campaigns: CAMPAIGNS,
      settings: { TURNPIKE_LOG_SIZE: LOG_SIZE },
    });
    const recovered: Recovered[] = [];
    for (const length of bench.isQuick ? LENGTHS.quick : LENGTHS.full) {
      const events = await fill(bench, system, length);
      const seconds: number[] = [];
      for (let run = 0; run < bench.longRuns; run++) {
        bench.tell(`growth-log: recovery with ${events} events, ${run + 1} of ${bench.longRuns}`);
        await system.server.kill();
        await system.server.restart();
        seconds.push(system.server.readyMs / 1_000);
        checkCount('events after a crash', events, (await system.countsWhenThere()).accepted);
        await system.rest();
      }
      recovered.push({ events, seconds });
    }
    const [shortest, longest] = [recovered[0] as Recovered, recovered.at(-1) as Recovered];
    return [
      rowOf({
        name: 'growth-log',
        question: growthLog.question,
        unit: 's to be ready',
        samples: longest.seconds,
        reference: { name: 'itself with an empty log', samples: shortest.seconds },
        aims: [{ of: 'ratio', atMost: 1.15 }],
        notes: [
          `${longest.events} events; loading code, which takes as long with any log, is in it`,
          'until ten to twenty minutes of event ids are there, recovery still grows with them',
        ],
        series: {
          title: 'Recovery by length of the log',
          x: 'events in the log',
          y: 's',
          isLogarithmic: false,
          lines: [
            {
              name: 'ready after kill -9',
              points: recovered.map(({ events, seconds }) => [events, median(seconds)]),
            },
          ],
        },
      }),
    ];
  },
};

/** Sends batches until the log has so many events at least. @returns how many it has */
async function fill(bench: Bench, system: Turnpike, atLeast: number): Promise<number> {
  const what = { kind: 'batch', campaigns: system.campaignIds, events: BATCH } as const;
  // The first load is short: it tells how long the next ones may be.
  let durationMs = bench.loadMs;
  for (;;) {
    const { accepted } = await system.countsWhenThere();
    if (accepted >= atLeast) {
      await system.rest();
      return accepted;
    }
    bench.tell(`growth-log: ${accepted} of ${atLeast} events in the log`);
    const { sent, windowMs } = await bench.generator.run({
      ...{ port: system.ingestPort, what, connections: CONNECTIONS, rate: 0, pids: system.pids },
      ...{ warmUpMs: 0, durationMs },
    });
    const after = await system.countsWhenThere();
    checkCount('events accepted', sent * BATCH, after.accepted - accepted);
    const perMs = (sent * BATCH) / windowMs;
    durationMs = Math.min(FILLED_MS, Math.max(bench.loadMs, (atLeast - after.accepted) / perMs));
  }
}
