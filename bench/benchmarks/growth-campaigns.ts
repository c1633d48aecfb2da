/** Growth: what do many campaigns cost, in speed and in memory? */
import { temporaryFolder } from '../../test/support/temporary.ts';
import type { Bench, Benchmark } from '../benchmark.ts';
import { loadEvents } from '../load/event-load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { ownMemoryBytes } from '../processor-time.ts';
import { Resources } from '../resources.ts';
import { type Row, rowOf } from '../row.ts';
import { BATCH } from '../samples.ts';
import { fillLog } from '../servers/filled-log.ts';
import { Turnpike } from '../servers/turnpike.ts';

const SIZES = { quick: [10, 10_000], full: [10, 1_000, 100_000, 1_000_000] };
/** Campaigns that get events, spread over all: each of them is asked for its figures before and after. */
const LOADED = 400;
const CONNECTIONS = 16;
const KIB = 1024;

interface Grown {
  readonly size: number;
  readonly system: Turnpike;
  /** The process's own memory when nothing but the campaigns was there, in bytes. */
  readonly memory: number;
  /** Seconds from its start to its being ready. */
  readonly readySeconds: number;
}

export const growthCampaigns: Benchmark = {
  name: 'growth-campaigns',
  question: 'What do many campaigns cost, in throughput, in memory, and at the start?',
  async run(bench) {
    await using resources = new Resources();
    const grown: Grown[] = [];
    for (const size of bench.isQuick ? SIZES.quick : SIZES.full)
      grown.push(await grow(bench, resources, size));
    return [await throughput(bench, grown), memory(grown)];
  },
};

async function grow(bench: Bench, resources: Resources, size: number): Promise<Grown> {
  bench.tell(`growth-campaigns: a system with ${size} campaigns`);
  const folder = resources.use(temporaryFolder('growth'));
  const all = await fillLog(folder.path, size);
  const step = Math.max(1, Math.floor(size / LOADED));
  const campaignIds = all.filter((_, index) => index % step === 0).slice(0, LOADED);
  const existing = { dataDirectory: folder.path, campaignIds };
  const system = resources.use(await Turnpike.start({ engines: 'embedded', campaigns: size, existing }));
  await system.countsWhenThere();
  await system.rest();
  // The campaigns are saved now; a process that starts anew has them idle.
  await system.server.terminate();
  await system.server.restart();
  await system.rest();
  return {
    size,
    system,
    memory: ownMemoryBytes(system.server.process.pid),
    readySeconds: system.server.readyMs / 1_000,
  };
}

async function throughput(bench: Bench, grown: readonly Grown[]): Promise<Row> {
  const subjects = grown.map(({ size, system }) => ({
    name: `${size} campaigns`,
    async run() {
      const what = { kind: 'batch', campaigns: system.campaignIds, events: BATCH } as const;
      return (await loadEvents(bench, system, { what, connections: CONNECTIONS, events: BATCH })).perSecond;
    },
  }));
  const results = await inTurn(subjects, bench.longRuns, (line) => bench.tell(`growth-campaigns: ${line}`));
  const rows = grown.map(({ size }) => rowOf(sized(size, resultsOf(results, `${size} campaigns`))));
  const [smallest, largest] = [rows[0] as Row, rows.at(-1) as Row];
  const last = grown.at(-1) as Grown;
  return rowOf({
    name: 'growth-campaigns',
    question: growthCampaigns.question,
    unit: 'events/s',
    samples: largest.samples,
    reference: { name: `itself with ${(grown[0] as Grown).size} campaigns`, samples: smallest.samples },
    aims: [{ of: 'ratio', atLeast: 0.85 }],
    notes: [
      `${last.size} campaigns, of which ${last.system.campaignIds.length} get events, in batches of ${BATCH}`,
      `ready after ${grown.map(({ size, readySeconds }) => `${readySeconds.toFixed(1)} s with ${size}`).join(', ')}`,
    ],
    series: {
      title: 'Throughput by campaigns',
      x: 'campaigns',
      y: 'events/s',
      isLogarithmic: true,
      lines: [
        {
          name: 'batches, embedded',
          points: grown.map(({ size }, index) => [size, (rows[index] as Row).value]),
        },
      ],
    },
  });
}

function sized(size: number, samples: readonly number[]) {
  return { name: `${size}`, question: '', unit: 'events/s', samples };
}

function memory(grown: readonly Grown[]): Row {
  const [smallest, largest] = [grown[0] as Grown, grown.at(-1) as Grown];
  const each = (largest.memory - smallest.memory) / (largest.size - smallest.size) / KIB;
  return rowOf({
    name: 'growth-campaigns-memory',
    question: 'How much memory does an idle campaign take?',
    unit: 'KiB/campaign',
    samples: [each],
    aims: [{ of: 'value', atMost: 1 }],
    notes: [
      grown.map(({ size, memory: bytes }) => `${Math.round(bytes / KIB / KIB)} MiB with ${size}`).join(', '),
    ],
  });
}
