/** Prometheus metrics of the actors, read from their progress when they are scraped. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { OUTGOING_KINDS, type OutgoingStatistics } from '../../model/outbox.ts';
import type { PartitionProgress } from '../partition/partition.ts';

type Reading = (progress: PartitionProgress) => number;

/**
 * Registers the metrics.
 *
 * @param progress how far each partition is, asked at each scrape
 */
export function registerActorMetrics(registry: Registry, progress: () => Iterable<PartitionProgress>): void {
  const gauges: readonly (readonly [name: string, help: string, reading: Reading])[] = [
    ['turnpike_partition_applied_sequence', 'Last log sequence that was applied', (p) => p.applied],
    [
      'turnpike_partition_committed_sequence',
      'Last log sequence whose effects are saved',
      (p) => p.committed,
    ],
    ['turnpike_partition_inserted_sequence', 'Last log sequence that is in the warehouse', (p) => p.inserted],
    ['turnpike_partition_epoch', 'Epoch of the present owner', (p) => p.epoch],
    ['turnpike_actors_in_memory', 'Actors loaded', (p) => p.actorsInMemory],
    ['turnpike_spool_bytes', 'Bytes of blocks that wait for the warehouse', (p) => p.spoolBytes],
    ['turnpike_partition_dead_letters', 'Dead letters that were not replayed', (p) => p.deadLetters],
  ];
  for (const [name, help, reading] of gauges) {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ['partition'],
        registers: [],
        collect() {
          // Partitions that were given up are somebody else's to show.
          this.reset();
          for (const one of progress()) this.set({ partition: one.partition }, reading(one));
        },
      }),
    );
  }
  registry.registerMetric(
    new Counter({
      name: 'turnpike_events_decided_total',
      help: 'Events decided by the actors since they took their partitions over',
      labelNames: ['partition'],
      registers: [],
      collect() {
        this.reset();
        for (const one of progress()) this.inc({ partition: one.partition }, one.events);
      },
    }),
  );
  registerOutboxMetrics(registry, progress);
}

/** What is to be done outside the partitions, by kind: events, messages, transfers. */
function registerOutboxMetrics(registry: Registry, progress: () => Iterable<PartitionProgress>): void {
  const labelNames = ['partition', 'kind'] as const;
  type Reading = (statistics: OutgoingStatistics) => number | undefined;
  const read = (reading: Reading, put: (labels: object, value: number) => void): void => {
    for (const { partition, outbox } of progress())
      for (const kind of OUTGOING_KINDS) {
        const value = reading(outbox[kind]);
        if (value !== undefined) put({ partition, kind }, value);
      }
  };
  const gauge = (name: string, help: string, reading: Reading): void =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        collect() {
          this.reset();
          read(reading, (labels, value) => this.set(labels, value));
        },
      }),
    );
  const counter = (name: string, help: string, reading: Reading): void =>
    registry.registerMetric(
      new Counter({
        name,
        help,
        labelNames,
        registers: [],
        collect() {
          this.reset();
          read(reading, (labels, value) => this.inc(labels, value));
        },
      }),
    );
  gauge('turnpike_partition_outbox_pending', 'Items that are saved and not done yet', (o) => o.pending);
  gauge(
    'turnpike_partition_outbox_oldest_timestamp_seconds',
    'Record time of the oldest item that is not done yet',
    (o) => (o.oldestAt === undefined ? undefined : o.oldestAt / 1_000),
  );
  counter(
    'turnpike_partition_outbox_delivered_total',
    'Items done since the partition was taken over',
    (o) => o.delivered,
  );
  counter(
    'turnpike_partition_outbox_failures_total',
    'Attempts that failed since the partition was taken over',
    (o) => o.failures,
  );
}
