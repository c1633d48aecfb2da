/** LMDB's environment as the snapshots use it, and the one place where its failures are told apart. */
import { open, type RootDatabase } from 'lmdb';
import { TurnpikeError } from '../../model/errors.ts';

/** Address space reserved at first; LMDB grows the map beyond it by itself. */
const MAP_BYTES = 64 * 2 ** 30;

export interface EnvironmentOptions {
  /** Created if missing. One environment per directory. */
  readonly directory: string;
  /** Named databases the environment may hold. */
  readonly databases: number;
}

/** Opens an environment in which a commit resolves only after it is on disk. */
export function openEnvironment(options: EnvironmentOptions): RootDatabase {
  return open({
    // A directory whose name has a dot would be taken for a file.
    noSubdir: false,
    path: options.directory,
    maxDbs: options.databases,
    mapSize: MAP_BYTES,
    // Otherwise a commit resolves when it is visible, and is synced later.
    overlappingSync: false,
    // Batching by event turn leaves a promise of its own behind, whose rejection nobody could handle.
    eventTurnBatching: false,
  });
}

/** What a rejected commit means to its caller. */
export async function commitFailure(error: unknown): Promise<unknown> {
  // lmdb rejects with a general error whose `commitError` rejects with the cause.
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  const cause = await Promise.resolve(error.commitError).catch((reason: unknown) => reason);
  const text = cause instanceof Error ? cause.message : String(cause);
  return new TurnpikeError(
    { code: 'unavailable', message: `the storage cannot take writes: ${text}` },
    { cause },
  );
}
