/** The faults of a run: a function of the seed. */
import type { SeededRandom } from '../../../cli/demo/random.ts';
import { FAULT_KINDS, type FaultKind, NEEDED_KINDS } from './kinds.ts';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Milliseconds after the beginning of the run; later if what it hits is not back yet. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** Which process of the role, or victim, it hits: a number from 0 to 1. */
  readonly choice: number;
  /** Milliseconds that a message takes, where it is about that. */
  readonly delayMs: number;
}

/** The run begins healthy, and each cycle ends so. */
const LEAD_IN_MS = 4_000;
const CYCLE_MS = 45_000;
const CALM_MS = 12_000;
const DELAY_MS = [20, 250] as const;

/**
 * @param durationMs of the run
 * @param count how many faults
 */
export function planFaults(random: SeededRandom, durationMs: number, count: number): PlannedFault[] {
  const windows = busyWindows(durationMs);
  const busyMs = windows.reduce((sum, [from, to]) => sum + to - from, 0);
  const kinds = deal(random, count);
  return kinds.map((kind, index) => {
    const [least, most] = kind.lastsMs;
    return {
      kind,
      atMs: instantIn(windows, (busyMs * (index + random.next())) / count),
      lastsMs: least + random.below(most - least + 1),
      choice: random.next(),
      delayMs: DELAY_MS[0] + random.below(DELAY_MS[1] - DELAY_MS[0]),
    };
  });
}

/** Stretches of time in which faults begin. */
function busyWindows(durationMs: number): [number, number][] {
  const windows: [number, number][] = [];
  for (let begin = 0; begin < durationMs; begin += CYCLE_MS) {
    const end = Math.min(begin + CYCLE_MS, durationMs) - CALM_MS;
    if (end > begin + LEAD_IN_MS) windows.push([begin + (begin === 0 ? LEAD_IN_MS : 0), end]);
  }
  return windows.length > 0 ? windows : [[0, durationMs]];
}

function instantIn(windows: readonly [number, number][], offsetMs: number): number {
  let left = offsetMs;
  for (const [from, to] of windows) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return windows.at(-1)?.[1] ?? 0;
}

/** Kinds in an order: what every run needs among the first, and then deck after deck. */
function deal(random: SeededRandom, count: number): FaultKind[] {
  const deck = (): FaultKind[] =>
    shuffled(
      FAULT_KINDS.flatMap((kind) => new Array<FaultKind>(kind.weight).fill(kind)),
      random,
    );
  const others = deck();
  const fillers = others.splice(0, Math.min(NEEDED_KINDS.length, Math.max(0, count - NEEDED_KINDS.length)));
  const kinds = [...shuffled([...NEEDED_KINDS, ...fillers], random), ...others];
  while (kinds.length < count) kinds.push(...deck());
  return kinds.slice(0, count);
}

function shuffled<T>(values: readonly T[], random: SeededRandom): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
