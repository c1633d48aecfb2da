/**
 * What a cluster is created with and never changes: the number of its partitions and its secrets. The
 * first process to start writes it; every other start checks itself against it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { RevisionConflict, type Snapshots } from './snapshots/port.ts';

const KEY = 'cluster';

/**
 * How what a cluster keeps is written: its log, its snapshots, its warehouse. Raise it with a change that could
 * not be read, or would be read wrongly, by what was there before, or the other way round.
 */
export const DATA_FORMAT = 4;

export interface Cluster {
  /** The format that it was created with: `DATA_FORMAT`, or another version's. */
  readonly format: number;
  /** Which cluster it is: 32 hexadecimal digits, made from its secrets. */
  readonly id: string;
  readonly partitions: number;
  /** Keys the fingerprints of identifiers. */
  readonly fingerprintSecret: Uint8Array;
  /** Keys the MAC of click ids. */
  readonly clickSecret: Uint8Array;
}

interface ClusterJson {
  /** Absent: 1. */
  readonly format?: number;
  readonly partitions: number;
  readonly fingerprintSecret: string;
  readonly clickSecret: string;
}

/** The cluster these snapshots belong to, created with `partitions` if there is none yet. */
export async function openCluster(snapshots: Snapshots, partitions: number): Promise<Cluster> {
  const known = await snapshots.get(KEY);
  if (known) return decode(known.value);
  const created: ClusterJson = {
    format: DATA_FORMAT,
    partitions,
    fingerprintSecret: randomBytes(32).toString('base64'),
    clickSecret: randomBytes(32).toString('base64'),
  };
  const value = Buffer.from(JSON.stringify(created));
  try {
    await snapshots.commit([{ key: KEY, value, expected: 0 }]);
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    // Another process was first; what it wrote counts.
    return openCluster(snapshots, partitions);
  }
  return decode(value);
}

function decode(value: Uint8Array): Cluster {
  const json = JSON.parse(Buffer.from(value).toString()) as ClusterJson;
  return {
    format: json.format ?? 1,
    id: createHash('sha256').update(`cluster ${json.fingerprintSecret}`).digest('hex').slice(0, 32),
    partitions: json.partitions,
    fingerprintSecret: Buffer.from(json.fingerprintSecret, 'base64'),
    clickSecret: Buffer.from(json.clickSecret, 'base64'),
  };
}
