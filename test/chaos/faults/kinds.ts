/** What may go wrong: what is done, to what, and for how long. */
import type { Role, ServiceName } from '../system/topology.ts';

/** `everything`: all processes, services included, at one moment. */
export type Target = Role | ServiceName | 'everything';

export type Action =
  /** `kill -9`, and started again after a while. */
  | 'kill'
  /** `SIGTERM`, and started again after it has ended. */
  | 'terminate'
  /** `SIGSTOP`, and `SIGCONT` after a while. */
  | 'stop'
  /** The same for longer than a partition's lease. */
  | 'stop-beyond-lease'
  /** Redis forgets everything. */
  | 'flush'
  /** All connections from one process to a service, or from all, are cut. */
  | 'cut'
  /** Nothing gets through between one process and a service, or all and it, for a while. */
  | 'black-hole'
  /** Every message takes longer for a while. */
  | 'slow';

/** A kind of fault, named as reports name it. */
export interface FaultKind {
  readonly name: string;
  readonly action: Action;
  readonly target: Target;
  /** For faults of the network: whether all processes lose the service, or one of this role. */
  readonly victim?: Role | 'all';
  /** How often it is dealt, relative to others. */
  readonly weight: number;
  /** Range of its duration in milliseconds; not of those that last no time. */
  readonly lastsMs: readonly [number, number];
  /** Whether it takes a partition's owner away, or what owners cannot do without. */
  readonly hitsOwner: boolean;
}

/** Longer than a lease with certainty: until when it ran plus what a new owner needs to notice. */
const BEYOND_LEASE_MS = [6_000, 13_000] as const;
const NO_TIME = [0, 0] as const;

function kind(
  action: Action,
  target: Target,
  weight: number,
  lastsMs: readonly [number, number],
  victim?: Role | 'all',
): FaultKind {
  const isNetwork = victim !== undefined;
  const name = isNetwork ? `${action} ${target} (${victim})` : `${action} ${target}`;
  const hitsOwner =
    target === 'actors' || target === 'everything' || (target === 'nats' && victim !== 'ingest');
  return { name, action, target, weight, lastsMs, hitsOwner, ...(isNetwork && { victim }) };
}

/** Those that every run has, however short it is. */
export const NEEDED_KINDS: readonly FaultKind[] = [
  kind('kill', 'actors', 3, [300, 4_000]),
  kind('stop-beyond-lease', 'actors', 3, BEYOND_LEASE_MS),
  kind('kill', 'nats', 2, [200, 3_000]),
  kind('flush', 'redis', 2, NO_TIME),
  kind('kill', 'clickhouse', 2, [300, 6_000]),
];

export const FAULT_KINDS: readonly FaultKind[] = [
  ...NEEDED_KINDS,
  kind('kill', 'everything', 1, [0, 1_000]),
  kind('kill', 'ingest', 2, [300, 4_000]),
  kind('kill', 'management', 1, [300, 4_000]),
  kind('stop', 'ingest', 2, [500, 8_000]),
  kind('stop', 'actors', 2, [500, 5_000]),
  kind('stop', 'management', 1, [500, 8_000]),
  kind('terminate', 'ingest', 1, [200, 2_000]),
  kind('terminate', 'actors', 2, [200, 2_000]),
  kind('terminate', 'management', 1, [200, 2_000]),
  kind('stop', 'nats', 1, [500, 4_000]),
  kind('kill', 'redis', 1, [300, 5_000]),
  kind('stop', 'redis', 1, [500, 6_000]),
  kind('stop', 'clickhouse', 1, [500, 9_000]),
  kind('cut', 'nats', 1, NO_TIME, 'all'),
  kind('cut', 'nats', 1, NO_TIME, 'actors'),
  kind('cut', 'redis', 1, NO_TIME, 'all'),
  kind('cut', 'clickhouse', 1, NO_TIME, 'all'),
  kind('black-hole', 'nats', 1, [500, 4_000], 'all'),
  kind('black-hole', 'nats', 2, [2_000, 12_000], 'actors'),
  kind('black-hole', 'nats', 1, [1_000, 8_000], 'ingest'),
  kind('black-hole', 'redis', 1, [1_000, 6_000], 'all'),
  kind('black-hole', 'clickhouse', 1, [1_000, 8_000], 'actors'),
  kind('slow', 'nats', 1, [2_000, 8_000], 'all'),
  kind('slow', 'redis', 1, [2_000, 8_000], 'ingest'),
  kind('slow', 'clickhouse', 1, [2_000, 8_000], 'actors'),
];

/** A kind by its name, such as `kill actors`. @throws Error if there is none */
export function faultKind(name: string): FaultKind {
  const found = FAULT_KINDS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no fault is called ${name}`);
  return found;
}
