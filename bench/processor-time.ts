/** How much of the processors processes have used, as the system keeps account of it. */
import { readFileSync } from 'node:fs';

/** Linux tells processor time in hundredths of a second, whatever its own clock (USER_HZ, see proc(5)). */
const TICK_MS = 10;

/**
 * User and system time of a process with all its threads, in milliseconds, from the text of `/proc/<pid>/stat`.
 *
 * @throws Error if it is no such text
 */
export function readStat(text: string): number {
  // The command's name may hold anything, also spaces and parentheses: what counts begins after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  if (user === undefined || system === undefined || !Number.isInteger(user + system))
    throw new Error(`not an account of a process: ${JSON.stringify(text.slice(0, 80))}`);
  return (user + system) * TICK_MS;
}

/**
 * Memory of a process's own in bytes, from the text of `/proc/<pid>/status`: without the pages of files that the
 * system keeps mapped, and takes back when it needs them.
 *
 * @throws Error if there is none
 */
export function readOwnMemory(text: string): number {
  const kiB = /^RssAnon:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kiB === undefined) throw new Error('the process has no memory: it has ended');
  return Number(kiB) * 1024;
}

/** Processor time of some processes together so far, in milliseconds. */
export function processorTimeMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readStat(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0);
}

export function ownMemoryBytes(pid: number): number {
  return readOwnMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** Milliseconds over which it is looked whether processes are at rest, and what they may use meanwhile. */
const REST_WINDOW_MS = 200;
const REST_SHARE = 0.15;

/** Waits until the processes do next to nothing any more, but not longer than `atMostMs`. */
export async function untilAtRest(pids: readonly number[], atMostMs: number): Promise<void> {
  const deadline = performance.now() + atMostMs;
  for (let before = processorTimeMs(pids); performance.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, REST_WINDOW_MS));
    const now = processorTimeMs(pids);
    if (now - before < REST_WINDOW_MS * REST_SHARE) return;
    before = now;
  }
}
