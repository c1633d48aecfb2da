/** Events of one partition that go into the log together, with the keys by which the filter knows them. */
import { limits } from '../limits.ts';
import { encodeClickId } from '../model/click-id.ts';
import { EventType } from '../model/event.ts';
import { FIELD, UNDECIDED } from '../model/event-batch.ts';
import { Domain, FINGERPRINT_WORDS, type FingerprintKey, fingerprint } from '../model/fingerprint.ts';
import type { DedupKeys } from '../storage/dedup/port.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { visitorInWindow } from './visitor.ts';
import { visitorFingerprint } from './visitor-fingerprints.ts';

/** Words of one event: its own fingerprint and, for a click, its visitor's. */
export const EVENT_WORDS = 2 * FINGERPRINT_WORDS;
const FIRST_EVENTS = 64;

export interface Secrets {
  readonly fingerprintKey: FingerprintKey;
  /** Mints click ids. */
  readonly clickSecret: Uint8Array;
}

/** Batches that have left, kept for their memory: nearly every batch can use that of another. */
const spares: WaitingBatch[] = [];
const SPARES = 64;

export class WaitingBatch {
  readonly events: IncomingEvent[] = [];
  /** `EVENT_WORDS` per event, in order. */
  fingerprints = new Uint32Array(FIRST_EVENTS * EVENT_WORDS);
  /** Keys of the filter: of each claimed event its own, then, if its campaign asks for it, its visitor's. */
  #keys = new Uint32Array(FIRST_EVENTS * EVENT_WORDS);
  #keyWords = 0;

  /** An empty batch. Give it back with `recycle`. */
  static take(): WaitingBatch {
    return spares.pop() ?? new WaitingBatch();
  }

  /** Ends the use of the batch and of everything it has lent. */
  recycle(): void {
    this.events.length = 0;
    this.#keyWords = 0;
    if (spares.length < SPARES) spares.push(this);
  }

  get isFull(): boolean {
    return this.events.length === limits.eventsPerRecord;
  }

  get keys(): DedupKeys {
    return this.#keys.subarray(0, this.#keyWords);
  }

  /**
   * Adds an admitted event, and mints its click id if it is a click.
   *
   * @param now milliseconds since the epoch: in which window of the uniqueness rule a click falls
   */
  add(event: IncomingEvent, { fingerprintKey, clickSecret }: Secrets, now: number): void {
    const at = this.events.push(event) * EVENT_WORDS - EVENT_WORDS;
    if (at === this.fingerprints.length) this.#grow();
    const campaignId = event.campaignId as string;
    const words = this.fingerprints;
    fingerprint(fingerprintKey, Domain.event, campaignId, event.eventId as string, words, at);
    const isClick = event.type === EventType.click;
    if (isClick) visitorFingerprint(fingerprintKey, campaignId, event.visitor, words, at + FINGERPRINT_WORDS);
    if (event.verdict !== UNDECIDED) return;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) this.#keys[this.#keyWords++] = words[at + i] as number;
    if (!isClick) return;
    const nonce = [words[at] as number, words[at + 1] as number] as const;
    const { partnerId = '', occurredAt: clickedAt } = event;
    event.set(FIELD.clickId, encodeClickId(clickSecret, { campaignId, partnerId, clickedAt, nonce }));
    if (!claimsVisitor(event)) return;
    const windowMs = event.campaign?.uniqueness.windowMs ?? 1;
    const visitor = visitorInWindow(event.visitor, windowMs, now);
    fingerprint(fingerprintKey, Domain.visitor, campaignId, visitor, this.#keys, this.#keyWords);
    this.#keyWords += FINGERPRINT_WORDS;
  }

  #grow(): void {
    const fingerprints = new Uint32Array(this.fingerprints.length * 2);
    fingerprints.set(this.fingerprints);
    this.fingerprints = fingerprints;
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}

/** Whether the filter is asked for the event's visitor too. */
export function claimsVisitor(event: IncomingEvent): boolean {
  return (
    event.type === EventType.click && event.campaign !== undefined && event.campaign.uniqueness.key !== 'none'
  );
}
