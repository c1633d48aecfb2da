/** One repetition of load on the product: what was answered in time, who was busy, and whether all of it was counted. */
import { type Bench, checkCount } from '../benchmark.ts';
import type { Turnpike } from '../servers/turnpike.ts';
import type { LoadKind } from './load.ts';

export interface EventLoad {
  /** Events a second that were answered. */
  readonly perSecond: number;
  /** Milliseconds after the last answer at which the figures told of all events. */
  readonly behindMs: number;
  /** Processors busy: the generator, and the system under load. */
  readonly generatorCores: number;
  readonly systemCores: number;
  readonly p99Ms: number;
}

export interface EventLoadOptions {
  readonly what: LoadKind;
  readonly connections: number;
  /** Events in one request. */
  readonly events: number;
  readonly rate?: number;
}

/** Milliseconds of load before it is measured. */
export const WARM_UP_MS = 300;

/** @throws WrongCount if the figures are not what was sent */
export async function loadEvents(
  bench: Bench,
  system: Turnpike,
  { what, connections, events, rate = 0 }: EventLoadOptions,
): Promise<EventLoad> {
  const before = await system.countsWhenThere();
  const result = await bench.generator.run({
    port: system.ingestPort,
    ...{ what, connections, rate, warmUpMs: WARM_UP_MS, durationMs: bench.loadMs, pids: system.pids },
  });
  const answeredAt = performance.now();
  const after = await system.countsWhenThere();
  const behindMs = performance.now() - answeredAt;
  checkCount('events received', result.sent * events, after.received - before.received);
  checkCount('events accepted', result.sent * events, after.accepted - before.accepted);
  await system.rest();
  return {
    perSecond: (result.measured * events * 1_000) / result.windowMs,
    behindMs,
    generatorCores: result.ownMs / result.windowMs,
    systemCores: result.theirsMs / result.windowMs,
    p99Ms: result.p99Ms,
  };
}
