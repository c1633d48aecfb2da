/**
 * What the collector tells Prometheus. The hot path adds to plain numbers; they become metrics when
 * somebody asks for them.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { outcomeOf, type ReasonCode, reasonName } from '../model/decision.ts';
import type { IncomingEvent } from './incoming-event.ts';

/** Reason codes are below this. */
const REASON_CODES = 1_000;

export interface IngestGauges {
  /** Events that wait for their append. */
  waitingEvents(): number;
  /** Bytes of bodies being received or waiting for their append. */
  bytesInFlight(): number;
  /** Requests that are not answered yet. */
  openRequests(): number;
  /** Whether the filter answers. */
  isFilterReachable(): boolean;
}

export class IngestMetrics {
  readonly #events = new Float64Array(REASON_CODES);
  /** Answers by route, then by status line. */
  readonly #answers = new Map<string, Map<string, number>>();
  #recordBytes = 0;
  #records = 0;
  #failedAppends = 0;
  readonly #appendSeconds: Histogram;

  constructor(registry: Registry, gauges: IngestGauges) {
    const registers = [registry];
    const counts = (name: string, help: string, value: () => number): void => {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    };
    const measures = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    };
    counts('turnpike_ingest_records_total', 'Records appended to the log', () => this.#records);
    counts('turnpike_ingest_record_bytes_total', 'Bytes of records appended', () => this.#recordBytes);
    counts(
      'turnpike_ingest_failed_appends_total',
      'Records that the log did not take',
      () => this.#failedAppends,
    );
    measures('turnpike_ingest_waiting_events', 'Events that wait for their append', gauges.waitingEvents);
    measures('turnpike_ingest_bytes_in_flight', 'Bytes of requests being served', gauges.bytesInFlight);
    measures('turnpike_ingest_open_requests', 'Requests not answered yet', gauges.openRequests);
    measures('turnpike_ingest_filter_reachable', 'Whether the filter answers: 1 or 0', () =>
      Number(gauges.isFilterReachable()),
    );
    this.#appendSeconds = new Histogram({
      name: 'turnpike_ingest_append_seconds',
      help: 'Time until a record was durable in the log',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.#registerEvents(registry);
    this.#registerAnswers(registry);
  }

  eventsAnswered(events: readonly IncomingEvent[]): void {
    for (const { reason } of events) this.#events[reason] = (this.#events[reason] as number) + 1;
  }

  recordAppended(bytes: number, milliseconds: number): void {
    this.#records++;
    this.#recordBytes += bytes;
    this.#appendSeconds.observe(milliseconds / 1_000);
  }

  appendFailed(): void {
    this.#failedAppends++;
  }

  /** @param route a name of the collector's own, never text of the client's */
  answered(route: string, statusLine: string): void {
    let statuses = this.#answers.get(route);
    if (statuses === undefined) {
      statuses = new Map();
      this.#answers.set(route, statuses);
    }
    statuses.set(statusLine, (statuses.get(statusLine) ?? 0) + 1);
  }

  #registerEvents(registry: Registry): void {
    const events = this.#events;
    new Counter({
      name: 'turnpike_ingest_events_total',
      help: 'Events answered, by what was said of them',
      labelNames: ['outcome', 'reason'],
      registers: [registry],
      collect() {
        this.reset();
        events.forEach((count, code) => {
          if (count === 0) return;
          const reason = code as ReasonCode;
          this.inc({ outcome: outcomeOf(reason), reason: reasonName(reason) }, count);
        });
      },
    });
  }

  #registerAnswers(registry: Registry): void {
    const answers = this.#answers;
    new Counter({
      name: 'turnpike_ingest_requests_total',
      help: 'Requests answered, by route and status',
      labelNames: ['route', 'status'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [route, statuses] of answers)
          for (const [statusLine, count] of statuses)
            this.inc({ route, status: statusLine.slice(0, 3) }, count);
      },
    });
  }
}
