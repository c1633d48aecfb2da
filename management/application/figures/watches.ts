/**
 * Live figures that are followed: whoever watches a campaign is told its figures at once, and whenever they
 * have changed, at most four times a second. However many watch a campaign, its actor is asked once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../../../limits.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import type { Figures } from './figures.ts';

const INTERVAL_MS = 250;

export interface Watcher {
  readonly changed: (figures: Figures) => void;
  /** Called once if there is nothing to watch; nothing is told after it. */
  readonly failed: (error: unknown) => void;
}

interface Watched {
  readonly watchers: Set<Watcher>;
  latest: Figures | undefined;
}

export class Watches {
  readonly #figuresOf: (campaignId: string) => Promise<Figures>;
  readonly #intervalMs: number;
  readonly #watched = new Map<string, Watched>();
  #count = 0;

  /** @param figuresOf gives a campaign's live figures */
  constructor(figuresOf: (campaignId: string) => Promise<Figures>, intervalMs = INTERVAL_MS) {
    this.#figuresOf = figuresOf;
    this.#intervalMs = intervalMs;
  }

  /**
   * Watches a campaign until the result is called.
   *
   * @throws TurnpikeError `resource_exhausted` if too many are watching
   */
  watch(campaignId: string, watcher: Watcher): () => void {
    if (this.#count >= limits.watchers)
      throw new TurnpikeError({ code: 'resource_exhausted', message: 'too many watch campaigns; try again' });
    this.#count++;
    const known = this.#watched.get(campaignId);
    const watched = known ?? { watchers: new Set(), latest: undefined };
    watched.watchers.add(watcher);
    if (watched.latest) watcher.changed(watched.latest);
    if (!known) {
      this.#watched.set(campaignId, watched);
      void this.#follow(campaignId, watched);
    }
    return () => {
      if (watched.watchers.delete(watcher)) this.#count--;
    };
  }

  /** Asks again and again, as long as somebody watches. */
  async #follow(campaignId: string, watched: Watched): Promise<void> {
    while (watched.watchers.size > 0) {
      try {
        const figures = await this.#figuresOf(campaignId);
        if (watched.latest === undefined || hasChanged(watched.latest, figures)) {
          watched.latest = figures;
          for (const { changed } of watched.watchers) changed(figures);
        }
      } catch (error) {
        // What is out of reach for a moment is asked again.
        if (!(error instanceof TurnpikeError && error.retryable)) this.#fail(watched, error);
      }
      await delay(this.#intervalMs);
    }
    this.#watched.delete(campaignId);
  }

  #fail({ watchers }: Watched, error: unknown): void {
    this.#count -= watchers.size;
    const failed = [...watchers];
    watchers.clear();
    for (const watcher of failed) watcher.failed(error);
  }
}

/** Whether anything but the moment is other than before. */
function hasChanged(before: Figures, now: Figures): boolean {
  // Whatever changes a figure is an event that was received; nothing else does.
  return before.totals.received !== now.totals.received || before.successScore !== now.successScore;
}
