/**
 * Claim: what the filter's answers mean for each event of a batch.
 *
 * A click has two keys, its own and its visitor's. Both are claimed in one call, so a visitor may be
 * claimed by a click that turns out to be a resend. Such a claim must not stay: it passes to the visitor's
 * next new click of the batch, or is given back.
 */
import { REASONS } from '../model/decision.ts';
import { EventFlag } from '../model/event.ts';
import { UNDECIDED } from '../model/event-batch.ts';
import { FINGERPRINT_WORDS } from '../model/fingerprint.ts';
import { Claim, type ClaimResult, type DedupKeys } from '../storage/dedup/port.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { claimsVisitor } from './waiting-batch.ts';

/**
 * Marks the events that the filter stops: `event.reason` tells why, and such an event is no row of the
 * record but a counter in it.
 *
 * @param keys as claimed
 * @param results the filter's answers, one per key; claims that pass on are moved in it
 * @returns keys that nobody needs any more, to be released before the others are confirmed
 */
export function applyClaims(
  events: readonly IncomingEvent[],
  keys: DedupKeys,
  results: Uint8Array,
): DedupKeys | undefined {
  let orphans: Map<string, Orphan> | undefined;
  let at = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as IncomingEvent;
    if (event.verdict !== UNDECIDED) continue;
    const isRepeat = results[at++] === Claim.duplicate;
    if (isRepeat) event.reason = REASONS.duplicate_event;
    if (!claimsVisitor(event)) continue;
    const index = at++;
    let claim = results[index] as ClaimResult;
    if (isRepeat) {
      if (claim === Claim.duplicate) continue;
      orphans ??= new Map();
      orphans.set(keyText(keys, index), { index, claim });
      results[index] = Claim.duplicate;
      continue;
    }
    if (claim === Claim.duplicate && orphans !== undefined) {
      claim = inherit(orphans, keyText(keys, index));
      results[index] = claim;
    }
    if (claim === Claim.duplicate) event.reason = REASONS.repeat_visitor;
    else if (claim === Claim.uncertain) event.flags |= EventFlag.uncertain;
  }
  if (orphans === undefined) return undefined;
  const left = [...orphans.values()].filter(({ claim }) => claim === Claim.new).map(({ index }) => index);
  return left.length === 0 ? undefined : pick(keys, left);
}

/** A visitor's claim whose click is a resend. */
interface Orphan {
  readonly index: number;
  readonly claim: ClaimResult;
}

function inherit(orphans: Map<string, Orphan>, key: string): ClaimResult {
  const orphan = orphans.get(key);
  orphans.delete(key);
  return orphan?.claim ?? Claim.duplicate;
}

/** Whether the filter has stopped the event. */
export function isStopped(event: IncomingEvent): boolean {
  return event.reason === REASONS.duplicate_event || event.reason === REASONS.repeat_visitor;
}

/**
 * The keys that the events of a batch hold, of those events that `include` holds for.
 *
 * @param results as `applyClaims` has left them
 */
export function heldKeys(
  events: readonly IncomingEvent[],
  keys: DedupKeys,
  results: Uint8Array,
  include: (event: IncomingEvent) => boolean,
): DedupKeys {
  const held: number[] = [];
  let at = 0;
  for (const event of events) {
    if (event.verdict !== UNDECIDED) continue;
    const end = at + (claimsVisitor(event) ? 2 : 1);
    const isIncluded = include(event);
    for (; at < end; at++) if (isIncluded && results[at] !== Claim.duplicate) held.push(at);
  }
  return pick(keys, held);
}

function keyText(keys: DedupKeys, index: number): string {
  const at = index * FINGERPRINT_WORDS;
  return `${keys[at]} ${keys[at + 1]} ${keys[at + 2]}`;
}

function pick(keys: DedupKeys, indexes: readonly number[]): DedupKeys {
  const picked = new Uint32Array(indexes.length * FINGERPRINT_WORDS);
  indexes.forEach((index, i) => {
    const at = index * FINGERPRINT_WORDS;
    picked.set(keys.subarray(at, at + FINGERPRINT_WORDS), i * FINGERPRINT_WORDS);
  });
  return picked;
}
