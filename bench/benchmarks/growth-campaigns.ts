/** Growth: what do many campaigns cost, in speed and in memory? */
import { limits } from '../../limits.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';
import type { Bench, Benchmark } from '../benchmark.ts';
import { loadEvents } from '../load/event-load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { ownMemoryBytes } from '../processor-time.ts';
import { Resources } from '../resources.ts';
import { type Row, rowOf } from '../row.ts';
import { BATCH } from '../samples.ts';
import { fillLog, PARTITIONS } from '../servers/filled-log.ts';
import { Turnpike } from '../servers/turnpike.ts';

const SIZES = { quick: [10, 10_000], full: [10, 1_000, 100_000, 1_000_000] };
/** Campaigns that get events in systems of every size: the same ones, so that nothing differs but what else there is. */
const FEW = 10;
/** Campaigns that get events in the largest one besides, spread over all. */
const MANY = 400;
const CONNECTIONS = 16;
const BLOCKS_A_MINUTE = 60_000 / limits.blockMs;
const KIB = 1024;

interface Grown {
  readonly size: number;
  readonly system: Turnpike;
  readonly few: readonly string[];
  readonly many: readonly string[];
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
    return [...(await throughput(bench, grown)), memory(grown)];
  },
};

async function grow(bench: Bench, resources: Resources, size: number): Promise<Grown> {
  bench.tell(`growth-campaigns: a system with ${size} campaigns`);
  const folder = resources.use(temporaryFolder('growth'));
  const all = await fillLog(folder.path, size);
  const few = all.slice(0, FEW);
  const step = Math.max(1, Math.floor(size / MANY));
  const many = all.filter((_, index) => index % step === 0).slice(0, MANY);
  // All that are loaded are asked for their figures, before and after.
  const campaignIds = [...new Set([...few, ...many])];
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
    few,
    many,
    memory: ownMemoryBytes(system.server.process.pid),
    readySeconds: system.server.readyMs / 1_000,
  };
}

/** How fast it is with few that get events, by how many there are; and in the largest with many that do. */
async function throughput(bench: Bench, grown: readonly Grown[]): Promise<Row[]> {
  const last = grown.at(-1) as Grown;
  const nameOf = (size: number): string => `${FEW} of ${size} campaigns`;
  const loadOn = (system: Turnpike, campaigns: readonly string[]) => async (): Promise<number> => {
    const what = { kind: 'batch', campaigns, events: BATCH } as const;
    return (await loadEvents(bench, system, { what, connections: CONNECTIONS, events: BATCH })).perSecond;
  };
  const spread = `${last.many.length} of ${last.size} campaigns`;
  const subjects = [
    ...grown.map(({ size, system, few }) => ({ name: nameOf(size), run: loadOn(system, few) })),
    { name: spread, run: loadOn(last.system, last.many) },
  ];
  const results = await inTurn(subjects, bench.longRuns, (line) => bench.tell(`growth-campaigns: ${line}`));
  const samplesOf = (name: string): readonly number[] => resultsOf(results, name);
  const values = grown.map(({ size }) => rowOf(sized(size, samplesOf(nameOf(size)))).value);
  const [first] = grown as [Grown];
  const total = rowOf({
    name: 'growth-campaigns',
    question: 'Do campaigns that get no events slow down those that do?',
    unit: 'events/s',
    samples: samplesOf(nameOf(last.size)),
    reference: { name: `itself with ${first.size} campaigns`, samples: samplesOf(nameOf(first.size)) },
    aims: [{ of: 'ratio', atLeast: 0.85 }],
    notes: [
      `${last.size} campaigns, of which the same ${FEW} get events, in batches of ${BATCH}`,
      `ready after ${grown.map(({ size, readySeconds }) => `${readySeconds.toFixed(1)} s with ${size}`).join(', ')}`,
    ],
    series: {
      title: 'Throughput by campaigns',
      x: 'campaigns',
      y: 'events/s',
      isLogarithmic: true,
      lines: [
        {
          name: `batches over ${FEW} of them, embedded`,
          points: grown.map(({ size }, index) => [size, values[index] as number]),
        },
      ],
    },
  });
  const active = rowOf({
    name: 'growth-campaigns-active',
    question: 'Does it slow down when many campaigns get events, and not few?',
    unit: 'events/s',
    samples: samplesOf(spread),
    reference: { name: `itself when ${FEW} of them do`, samples: samplesOf(nameOf(last.size)) },
    aims: [{ of: 'ratio', atLeast: 0.85 }],
    notes: [
      `the ${last.many.length} lie in ${partitionsOf(last.many)} partitions, the ${FEW} in ${partitionsOf(last.few)}: of each partition with traffic come ${BLOCKS_A_MINUTE} blocks a minute to be inserted`,
      'each campaign has aggregates of its own for each partner',
    ],
  });
  return [total, active];
}

function partitionsOf(campaigns: readonly string[]): number {
  return new Set(campaigns.map((id) => partitionOf(id, PARTITIONS))).size;
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
