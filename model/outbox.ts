/**
 * What actors leave to be done outside their partition: domain events to be published, messages to be brought to
 * other actors, transfers that the payment gateway is to be asked for. How it goes with each.
 */
export const OUTGOING_KINDS = ['events', 'messages', 'transfers'] as const;
export type OutgoingKind = (typeof OUTGOING_KINDS)[number];

export interface OutgoingStatistics {
  /** Items that are saved and not done yet. */
  readonly pending: number;
  /** Items done since the partition was taken over. */
  readonly delivered: number;
  /** Attempts that failed and are repeated, since the partition was taken over. */
  readonly failures: number;
  /** Record time of the oldest item that is not done yet, milliseconds since the epoch. */
  readonly oldestAt?: number;
}

export type OutboxStatistics = Readonly<Record<OutgoingKind, OutgoingStatistics>>;

export const NOTHING_OUTGOING: OutgoingStatistics = Object.freeze({ pending: 0, delivered: 0, failures: 0 });

/** What the outboxes of several partitions say together. */
export function sumOfOutboxes(outboxes: Iterable<OutboxStatistics>): OutboxStatistics {
  const all = [...outboxes];
  const sumOf = (kind: OutgoingKind): OutgoingStatistics =>
    all.map((outbox) => outbox[kind]).reduce(added, NOTHING_OUTGOING);
  return { events: sumOf('events'), messages: sumOf('messages'), transfers: sumOf('transfers') };
}

function added(a: OutgoingStatistics, b: OutgoingStatistics): OutgoingStatistics {
  const oldestAt = Math.min(a.oldestAt ?? Number.POSITIVE_INFINITY, b.oldestAt ?? Number.POSITIVE_INFINITY);
  return {
    pending: a.pending + b.pending,
    delivered: a.delivered + b.delivered,
    failures: a.failures + b.failures,
    ...(oldestAt < Number.POSITIVE_INFINITY && { oldestAt }),
  };
}
