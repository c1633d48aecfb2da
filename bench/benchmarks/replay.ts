/** Actors: how quickly do they get through their log? */
import { type Benchmark, checkCount } from '../benchmark.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { ReplayedPartition } from '../replayed-partition.ts';
import { rowOf } from '../row.ts';
import { BATCH, campaignNames, partitionLog } from '../samples.ts';
import { sumInMap } from '../sum-in-map.ts';

const CAMPAIGNS = campaignNames(20);
const BATCHES = { quick: 400, full: 2_000 };
const REFERENCE = 'the same batches summed in a plain loop over a Map, by campaign, partner and hour';

export const replay: Benchmark = {
  name: 'replay',
  question: 'Actors: how many events a second does one core decode and apply from the log?',
  async run(bench) {
    const batches = bench.isQuick ? BATCHES.quick : BATCHES.full;
    const events = batches * BATCH;
    bench.tell(`replay: writing ${events} events`);
    const log = partitionLog(CAMPAIGNS, batches);
    const perSecond = async (work: () => Promise<number> | number): Promise<number> => {
      const begin = performance.now();
      const counted = await work();
      const tookMs = performance.now() - begin;
      checkCount('events replayed', events, counted);
      return (events * 1_000) / tookMs;
    };
    const actors = (): Promise<number> =>
      perSecond(async () => {
        const partition = await ReplayedPartition.open();
        await partition.replay(log);
        return partition.accepted(CAMPAIGNS);
      });
    const map = (): Promise<number> => perSecond(() => sumInMap(log));
    // Until it is compiled.
    await actors();
    await map();
    const subjects = [
      { name: 'actors', run: actors },
      { name: REFERENCE, run: map },
    ];
    const results = await inTurn(subjects, bench.runs, (line) => bench.tell(`replay: ${line}`));
    return [
      rowOf({
        name: 'replay',
        question: replay.question,
        unit: 'events/s',
        samples: resultsOf(results, 'actors'),
        reference: { name: REFERENCE, samples: resultsOf(results, REFERENCE) },
        aims: [
          { of: 'ratio', atLeast: 0.5 },
          { of: 'value', atLeast: 1_000_000 },
        ],
        notes: [
          `${events} events of ${CAMPAIGNS.length} campaigns in records of ${BATCH}, from memory; deciding, remembering ids, and writing the rows for the warehouse are in it`,
        ],
      }),
    ];
  },
};
