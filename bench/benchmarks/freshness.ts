/** Freshness: how long after its answer is an event seen? */

import { CollectorClient } from '../../test/support/collector.ts';
import { liveMetrics, storedMetrics } from '../../test/support/management.ts';
import { type Bench, type Benchmark, checkCount, WrongCount } from '../benchmark.ts';
import { FollowedFeed } from '../followed-feed.ts';
import { WARM_UP_MS } from '../load/event-load.ts';
import { type Row, rowOf } from '../row.ts';
import { type Engines, Turnpike } from '../servers/turnpike.ts';
import { percentile } from '../statistics.ts';

const CAMPAIGNS = 20;
const CONNECTIONS = 64;
/** Where an event is seen, as people call it. */
const PLACES = { live: 'GetMetrics', feed: 'the live feed', warehouse: 'the warehouse' } as const;
const ENGINES: readonly Engines[] = ['embedded', 'distributed'];
/** Milliseconds between two probes of the live figures, of the live feed, and of the warehouse. */
const LIVE_EVERY_MS = 10;
const FEED_EVERY_MS = 10;
const STORED_EVERY_MS = 100;
/** Milliseconds for which probes are sent. */
const PROBED_MS = { quick: 2_500, full: 30_000 };

export const freshness: Benchmark = {
  name: 'freshness',
  question:
    'How long after its answer is an event in GetMetrics, on the live feed, and in the warehouse, at half load?',
  async run(bench) {
    const rows: Row[] = [];
    for (const engines of ENGINES) rows.push(...(await measure(bench, engines)));
    return rows;
  },
};

async function measure(bench: Bench, engines: Engines): Promise<Row[]> {
  const { profileFolder } = bench;
  await using system = await Turnpike.start({ engines, campaigns: CAMPAIGNS + 1, profileFolder });
  const [probed, ...loaded] = system.campaignIds as [string, ...string[]];
  const load = (rate: number, durationMs: number) =>
    bench.generator.run({
      what: { kind: 'json', campaigns: loaded },
      ...{ port: system.ingestPort, connections: CONNECTIONS, rate, pids: system.pids },
      ...{ warmUpMs: WARM_UP_MS, durationMs },
    });
  bench.tell(`freshness ${engines}: full load, to know what half of it is`);
  const full = await load(0, bench.loadMs);
  const rate = Math.round((full.measured * 1_000) / full.windowMs / 2);
  await system.countsWhenThere();
  await system.rest();
  const probedMs = bench.isQuick ? PROBED_MS.quick : PROBED_MS.full;
  bench.tell(`freshness ${engines}: probes under ${rate} events a second`);
  const background = load(rate, probedMs);
  await using prober = new Prober(system, probed);
  using feed = await FollowedFeed.open(system.server.addresses.http, probed);
  const [live, fed, stored] = await Promise.all([
    prober.probe(liveMetrics, LIVE_EVERY_MS, probedMs),
    prober.probe((_server, _campaign, expected) => feed.until(expected), FEED_EVERY_MS, probedMs),
    prober.probe(storedMetrics, STORED_EVERY_MS, probedMs),
  ]);
  const { sent } = await background;
  const after = await system.countsWhenThere();
  checkCount('events accepted', full.sent + sent + prober.sent, after.accepted);
  const row = (to: keyof typeof PLACES, delays: readonly number[], atMost: number): Row =>
    rowOf({
      name: `freshness-${to}-${engines}`,
      question: freshness.question,
      unit: 'ms (p99)',
      samples: [percentile(delays, 0.99)],
      aims: [{ of: 'value', atMost }],
      notes: [
        `${delays.length} probes at ${rate} events/s; median ${percentile(delays, 0.5).toFixed(1)} ms, slowest ${percentile(delays, 1).toFixed(1)} ms`,
      ],
      series: {
        title: `From the answer to ${PLACES[to]}, ${engines}`,
        x: 'share of the probes',
        y: 'ms',
        isLogarithmic: false,
        lines: [
          {
            name: 'delay',
            points: [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1].map((share) => [
              share,
              percentile(delays, share),
            ]),
          },
        ],
      },
    });
  return [row('live', live, 50), row('feed', fed, 300), row('warehouse', stored, 3_000)];
}

/** @param expected what must be there by now, or be waited for */
type Look = (
  server: Turnpike['server'],
  campaignId: string,
  expected: number,
) => Promise<{ readonly accepted: number }>;

/** Sends events of a campaign of its own, one at a time, and looks when they are there. */
class Prober implements AsyncDisposable {
  /** Events that were answered. */
  sent = 0;
  readonly #system: Turnpike;
  readonly #campaignId: string;
  readonly #collector: CollectorClient;

  constructor(system: Turnpike, campaignId: string) {
    this.#system = system;
    this.#campaignId = campaignId;
    this.#collector = new CollectorClient(system.server.addresses.ingest, 4);
  }

  /**
   * Probes again and again, without waiting for what earlier probes have not seen yet.
   *
   * @returns milliseconds from each answer until its event was seen
   */
  async probe(look: Look, everyMs: number, durationMs: number): Promise<number[]> {
    const end = performance.now() + durationMs;
    const looks: Promise<number>[] = [];
    while (performance.now() < end) {
      const next = new Promise((resolve) => setTimeout(resolve, everyMs));
      await this.#send();
      looks.push(this.#untilSeen(look, this.sent, performance.now()));
      await next;
    }
    return Promise.all(looks);
  }

  async #send(): Promise<void> {
    const event_id = `probe-${performance.now()}-${Math.random()}`;
    const event = { event_id, type: 'impression', campaign_id: this.#campaignId } as const;
    const { accepted } = await this.#collector.send([event]);
    this.sent += accepted;
  }

  /** Whatever is asked after the answer includes the event: so it is promised, and one look is enough. The feed waits. */
  async #untilSeen(look: Look, expected: number, answeredAt: number): Promise<number> {
    const { accepted } = await look(this.#system.server, this.#campaignId, expected);
    if (accepted < expected) throw new WrongCount('events seen after their answers', expected, accepted);
    return performance.now() - answeredAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector[Symbol.asyncDispose]();
  }
}
