/** Webhooks: who wants to be told of which domain events, and how far each has been told. */

/** A secret that deliveries are signed with. */
export interface WebhookSecret {
  readonly secret: string;
  /** Milliseconds since the epoch; absent: it is the present one. */
  readonly until?: number;
}

export interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  /** Patterns of types: `budget.exhausted`, `campaign.*`; none: all types. */
  readonly eventTypes: readonly string[];
  /** Those to whom it happened; none: all. */
  readonly subjects: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  /** Why Turnpike itself has disabled it. */
  readonly disabledReason?: string;
  /** The present one first. */
  readonly secrets: readonly WebhookSecret[];
  /** Milliseconds since the epoch, as all instants here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it was enabled last: failures of before count no more. */
  readonly enabledAt: number;
  /** The idempotency key of its creation: a repeat is known by it. */
  readonly createdBy?: string;
  /** The idempotency key that its secret was replaced with last. */
  readonly rotatedBy?: string;
  /** Last sequences of the partitions at its creation: what lies behind them is delivered. */
  readonly start: readonly number[];
}

/** The place of an event within its partition: the sequence of its record, and which of the record's events. */
export type Place = readonly [sequence: number, index: number];

/** An event that could not be delivered yet, the oldest of its partition. */
export interface Failing {
  readonly eventId: string;
  /** When it was tried first. */
  readonly since: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

export interface LastFailure {
  readonly at: number;
  readonly eventId: string;
  /** The status of the answer, if there was one. */
  readonly status?: number;
  readonly error: string;
}

/** How far a webhook has been told: written by whoever delivers, and by nobody else. */
export interface Progress {
  /** Of the lease under which it was written. */
  readonly epoch: number;
  /** By partition: everything up to there is delivered, or was not wanted. */
  readonly places: Readonly<Record<string, Place>>;
  /** By partition. */
  readonly failing: Readonly<Record<string, Failing>>;
  /** Attempts that have failed since the last one that succeeded. */
  readonly consecutiveFailures: number;
  readonly lastSuccess?: { readonly at: number; readonly eventId: string };
  readonly lastFailure?: LastFailure;
}

/** Behind every event of a sequence. */
const LAST_INDEX = 0xffff_ffff;

/** The place behind all events of the record with this sequence. */
export function behind(sequence: number): Place {
  return [sequence, LAST_INDEX];
}

/** Negative, zero or positive, as `a` lies before, at or behind `b`. */
export function comparePlaces(a: Place, b: Place): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** The progress of a webhook that nothing was delivered to yet. */
export function initialProgress({ start }: Pick<Webhook, 'start'>, epoch: number): Progress {
  return {
    epoch,
    places: Object.fromEntries(start.map((sequence, partition) => [partition, behind(sequence)])),
    failing: {},
    consecutiveFailures: 0,
  };
}

/** The secrets that sign at `now`. */
export function validSecrets({ secrets }: Pick<Webhook, 'secrets'>, now: number): string[] {
  return secrets.filter(({ until }) => until === undefined || now < until).map(({ secret }) => secret);
}
