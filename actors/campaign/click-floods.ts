/**
 * Floods of clicks: more of them in a minute than the partner's earlier minutes lead one to expect. Minutes are
 * those of record time, and of a partner only those in which it brought clicks: quiet nights do not make a
 * flood of every morning. The formulas stand in docs/fraud.md.
 */
import { limits } from '../../limits.ts';
import { minuteOf } from './slices.ts';

/** Minutes that must be known before one can be called a flood. */
const LEAST_MINUTES = 5;
/** A flood has at least as many clicks. */
const LEAST_CLICKS = 30;
/** How far from the mean it must lie, in standard deviations. */
const DEVIATIONS = 4;
/** Minutes after which the oldest begin to be forgotten. */
const MEMORY_MINUTES = 60;

/** What is known of the clicks of one partner. */
interface Flow {
  /** The present minute, and its clicks so far. */
  minute: number;
  clicks: number;
  /** Earlier minutes, at most `MEMORY_MINUTES`, and of their clicks the mean and the variance. */
  minutes: number;
  mean: number;
  variance: number;
  /** Clicks that the present minute may have. Follows from the others. */
  limit: number;
}

export type FlowJson = readonly [
  partnerId: string,
  minute: number,
  clicks: number,
  minutes: number,
  mean: number,
  variance: number,
];

export class ClickFloods {
  /** By partner, the one that was quiet for longest first. */
  readonly #flows = new Map<string, Flow>();

  /**
   * Counts a click.
   *
   * @param time record time
   * @returns whether it lies beyond what the partner's present minute may have
   */
  add(partnerId: string, time: number): boolean {
    const minute = minuteOf(time);
    let flow = this.#flows.get(partnerId);
    if (flow?.minute !== minute) flow = this.#open(partnerId, flow, minute);
    flow.clicks++;
    return flow.clicks > flow.limit;
  }

  /** Begins a partner's minute, which teaches what the one before it has shown. */
  #open(partnerId: string, known: Flow | undefined, minute: number): Flow {
    if (known) learn(known);
    else if (this.#flows.size >= limits.floodPartners)
      this.#flows.delete(this.#flows.keys().next().value as string);
    const flow = known ?? { minute, clicks: 0, minutes: 0, mean: 0, variance: 0, limit: 0 };
    flow.minute = minute;
    flow.clicks = 0;
    flow.limit = limitOf(flow);
    this.#flows.delete(partnerId);
    this.#flows.set(partnerId, flow);
    return flow;
  }

  toJson(): FlowJson[] {
    return [...this.#flows].map(([partnerId, { minute, clicks, minutes, mean, variance }]) => [
      partnerId,
      minute,
      clicks,
      minutes,
      mean,
      variance,
    ]);
  }

  static fromJson(json: readonly FlowJson[]): ClickFloods {
    const floods = new ClickFloods();
    for (const [partnerId, minute, clicks, minutes, mean, variance] of json) {
      const flow = { minute, clicks, minutes, mean, variance };
      floods.#flows.set(partnerId, { ...flow, limit: limitOf(flow) });
    }
    return floods;
  }
}

/** Takes the minute that is over among the earlier ones. */
function learn(flow: Flow): void {
  // Not more than it might have had: or one minute of flood would make all that follow look usual.
  const clicks = Math.min(flow.clicks, flow.limit);
  flow.minutes = Math.min(flow.minutes + 1, MEMORY_MINUTES);
  // Welford's step, with the number of minutes held: then the mean is weighted exponentially.
  const difference = clicks - flow.mean;
  const weight = 1 / flow.minutes;
  flow.mean += weight * difference;
  flow.variance = (1 - weight) * (flow.variance + weight * difference * difference);
}

function limitOf({ minutes, mean, variance }: Pick<Flow, 'minutes' | 'mean' | 'variance'>): number {
  if (minutes < LEAST_MINUTES) return Number.POSITIVE_INFINITY;
  // What happens at random varies by no less than its mean, however even the few minutes were.
  const deviation = Math.sqrt(Math.max(variance, mean));
  return Math.max(LEAST_CLICKS - 1, mean + DEVIATIONS * deviation);
}
