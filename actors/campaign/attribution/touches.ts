/**
 * The touches of a campaign's known visitors: those whose events carry a `user_id`, an `anonymous_id`, or both.
 * Each of the two is a key of its own, so a visitor who logs in between is found by either.
 */
import { limits } from '../../../limits.ts';
import { attributionOf } from '../../../model/attribution.ts';
import { EventType } from '../../../model/event.ts';
import { type EventBatch, FIELD } from '../../../model/event-batch.ts';
import { Domain, FINGERPRINT_WORDS, type FingerprintKey, fingerprint } from '../../../model/fingerprint.ts';
import type { Terms } from '../../../model/terms.ts';
import type { ActorDocument, DocumentReader } from '../../actor.ts';
import type { DroppedSet } from '../../memory/paged-set.ts';
import {
  type RememberedTouch,
  type TouchBounds,
  type TouchGenerationJson,
  TouchMemory,
} from './touch-memory.ts';

const CLICKS: TouchBounds = {
  first: limits.firstTouchesPerVisitor,
  last: limits.lastTouchesPerVisitor,
  touchesPerGeneration: limits.clickTouchesPerGeneration,
  mergesNear: false,
};
/** Only the last view can matter; a few are kept because they may arrive in another order. */
const VIEWS: TouchBounds = {
  first: 0,
  last: limits.viewsPerVisitor,
  touchesPerGeneration: limits.viewTouchesPerGeneration,
  mergesNear: true,
};

/** How far back a campaign looks for touches. */
export type LookBack = Pick<Terms, 'clickWindowMs' | 'attribution'>;

/** The touches of one visitor, in no order that means anything; a touch may be there under both keys. */
export interface VisitorTouches {
  readonly clicks: readonly RememberedTouch[];
  readonly views: readonly RememberedTouch[];
}

export const NO_TOUCHES: VisitorTouches = Object.freeze({ clicks: [], views: [] });

/** Where the memories stand, as the campaign's state keeps it. */
export interface TouchesJson {
  readonly clicks: readonly TouchGenerationJson[];
  readonly views: readonly TouchGenerationJson[];
}

const NO_NONCE: readonly [number, number] = [0, 0];

export class Touches {
  readonly #campaignId: string;
  readonly #key: FingerprintKey;
  readonly #visitor = new Uint32Array(FINGERPRINT_WORDS);
  #clicks = new TouchMemory('clicks', CLICKS);
  #views = new TouchMemory('views', VIEWS);

  constructor(campaignId: string, key: FingerprintKey) {
    this.#campaignId = campaignId;
    this.#key = key;
  }

  /**
   * Remembers the current row of `batch`, an accepted event, if it is a touch of a known visitor.
   *
   * @param time record time, milliseconds since the epoch
   * @param terms how far back the campaign looks
   */
  remember(batch: EventBatch, time: number, terms: LookBack): void {
    const { type } = batch;
    if (type === EventType.conversion || !isOfKnownVisitor(batch)) return;
    const isClick = type === EventType.click;
    const lookBackMs = isClick ? terms.clickWindowMs : attributionOf(terms).viewWindowMs;
    if (!isClick && lookBackMs === 0) return;
    const touch: RememberedTouch = {
      partnerId: batch.name(FIELD.partnerId) ?? '',
      contentId: batch.name(FIELD.contentId) ?? '',
      touchedAt: batch.occurredAt,
      nonce: isClick ? nonceOf(batch) : NO_NONCE,
    };
    const memory = isClick ? this.#clicks : this.#views;
    this.#forEachKey(batch, () => memory.add(this.#visitor, 0, touch, time, lookBackMs));
  }

  /** The touches that are remembered of the visitor of the current row of `batch`. */
  of(batch: EventBatch): VisitorTouches {
    if (!isOfKnownVisitor(batch)) return NO_TOUCHES;
    const clicks: RememberedTouch[] = [];
    const views: RememberedTouch[] = [];
    this.#forEachKey(batch, () => {
      clicks.push(...this.#clicks.of(this.#visitor, 0));
      views.push(...this.#views.of(this.#visitor, 0));
    });
    return { clicks, views };
  }

  /** Forgets everything, for good: the campaign takes no more conversions. */
  clear(): void {
    this.#clicks.clear();
    this.#views.clear();
  }

  /** The pages that changed since the last call. To be followed by `toJson`. */
  takeChanges(): ActorDocument[] {
    return [...this.#clicks.takeChanges(), ...this.#views.takeChanges()];
  }

  /** What the next state will not need any more. */
  takeDropped(): DroppedSet[] {
    return [...this.#clicks.takeDropped(), ...this.#views.takeDropped()];
  }

  toJson(): TouchesJson {
    return { clicks: this.#clicks.toJson(), views: this.#views.toJson() };
  }

  /** Fills new memories with what `toJson` described. */
  async load({ clicks, views }: TouchesJson, read: DocumentReader): Promise<void> {
    this.#clicks = await TouchMemory.load('clicks', CLICKS, clicks, read);
    this.#views = await TouchMemory.load('views', VIEWS, views, read);
  }

  /** Calls `use` with the fingerprint of each of the row's keys in `#visitor`. */
  #forEachKey(batch: EventBatch, use: () => void): void {
    const userId = batch.string(FIELD.userId);
    if (userId !== undefined) {
      fingerprint(this.#key, Domain.user, this.#campaignId, userId, this.#visitor, 0);
      use();
    }
    const anonymousId = batch.string(FIELD.anonymousId);
    if (anonymousId === undefined) return;
    fingerprint(this.#key, Domain.anonymous, this.#campaignId, anonymousId, this.#visitor, 0);
    use();
  }
}

function isOfKnownVisitor(batch: EventBatch): boolean {
  return batch.stringRef(FIELD.userId) >= 0 || batch.stringRef(FIELD.anonymousId) >= 0;
}

/** The nonce of a click's id is the beginning of the click's own fingerprint. */
function nonceOf({ fingerprints, fingerprintAt }: EventBatch): readonly [number, number] {
  return [fingerprints[fingerprintAt] as number, fingerprints[fingerprintAt + 1] as number];
}
