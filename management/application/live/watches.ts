/**
 * What is live and followed: whoever watches is told what there is at once, and whenever it has changed, at most
 * four times a second. However many watch the same, one question waits at its actor for something to happen.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../../../limits.ts';
import { TurnpikeError } from '../../../model/errors.ts';

/** Milliseconds between two changes that are told of the same. */
const INTERVAL_MS = 250;

/** The part of that which the way to the actor and back is taken for at most, where the question has not waited. */
const MOST_OF_A_WAY = 0.1;

/** What there is, and where in the log. */
export interface Live<View> {
  /** Log sequence of the last record that changed it, in the partition of who is watched. */
  readonly sequence: number;
  readonly view: View;
}

export interface Watcher<View> {
  readonly changed: (live: Live<View>) => void;
  /** Called once if there is nothing to watch; nothing is told after it. */
  readonly failed: (error: unknown) => void;
}

/** Waits until there is something newer than what was seen `after` a sequence; `undefined`: nothing for now. */
export type Look<View> = (id: string, after: number | undefined) => Promise<Live<View> | undefined>;

interface Watched<View> {
  readonly watchers: Set<Watcher<View>>;
  latest: Live<View> | undefined;
}

export interface WatchesOptions<View> {
  readonly look: Look<View>;
  /** What of a view counts as a change; all of it, unless given. */
  readonly essence?: (view: View) => unknown;
  readonly intervalMs?: number;
}

export class Watches<View> {
  readonly #look: Look<View>;
  readonly #essence: (view: View) => unknown;
  readonly #intervalMs: number;
  readonly #watched = new Map<string, Watched<View>>();
  #count = 0;

  constructor({ look, essence = (view) => view, intervalMs = INTERVAL_MS }: WatchesOptions<View>) {
    this.#look = look;
    this.#essence = essence;
    this.#intervalMs = intervalMs;
  }

  /**
   * Watches until the result is called.
   *
   * @throws TurnpikeError `resource_exhausted` if too many are watching
   */
  watch(id: string, watcher: Watcher<View>): () => void {
    if (this.#count >= limits.watchers)
      throw new TurnpikeError({
        code: 'resource_exhausted',
        message: 'too many watch what is live; try again',
      });
    this.#count++;
    const known = this.#watched.get(id);
    const watched = known ?? { watchers: new Set(), latest: undefined };
    watched.watchers.add(watcher);
    if (watched.latest) watcher.changed(watched.latest);
    if (!known) {
      this.#watched.set(id, watched);
      void this.#follow(id, watched);
    }
    return () => {
      if (watched.watchers.delete(watcher)) this.#count--;
    };
  }

  /** Asks again and again, as long as somebody watches. */
  async #follow(id: string, watched: Watched<View>): Promise<void> {
    let after: number | undefined;
    let toldAt = Number.NEGATIVE_INFINITY;
    while (watched.watchers.size > 0) {
      const askedAt = performance.now();
      let pauseMs = this.#intervalMs;
      try {
        const live = await this.#look(id, after);
        if (live) {
          after = live.sequence;
          // The next answer is to be there when it may be told: its way has part in the pause.
          pauseMs -= Math.min(performance.now() - askedAt, MOST_OF_A_WAY * pauseMs);
          await until(toldAt + this.#intervalMs);
          this.#tell(watched, live);
          toldAt = performance.now();
        } else pauseMs = 0;
      } catch (error) {
        // What is out of reach for a moment is asked again.
        if (!(error instanceof TurnpikeError && error.retryable)) this.#fail(watched, error);
      }
      if (pauseMs > 0) await delay(pauseMs);
    }
    this.#watched.delete(id);
  }

  #tell(watched: Watched<View>, live: Live<View>): void {
    const { latest, watchers } = watched;
    const hasChanged =
      latest === undefined || !isDeepStrictEqual(this.#essence(latest.view), this.#essence(live.view));
    if (!hasChanged) return;
    watched.latest = live;
    for (const { changed } of watchers) changed(live);
  }

  #fail({ watchers }: Watched<View>, error: unknown): void {
    this.#count -= watchers.size;
    const failed = [...watchers];
    watchers.clear();
    for (const watcher of failed) watcher.failed(error);
  }
}

/** @param moment by `performance.now()` */
async function until(moment: number): Promise<void> {
  const leftMs = moment - performance.now();
  if (leftMs > 0) await delay(leftMs);
}
