/**
 * Storing a message once: it is sent again, with the same id, until its fate is known. JetStream knows the
 * ids of the last two minutes, so a lost acknowledgement cannot store a message twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type MsgHdrs, headers as newHeaders } from '@nats-io/transport-node';
import { type Fate, fateOf } from './failures.ts';
import type { NatsLink } from './link.ts';

/** Milliseconds an attempt waits for its acknowledgement. */
export const ATTEMPT_MS = 2_500;
/** A message that is surely not stored is given up after this long: whoever waits for it is told soon. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 100;
const ID = 'Nats-Msg-Id';
const EXPECTED = 'Nats-Expected-Last-Subject-Sequence';

export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Header-safe, and never used for another message of the stream. */
  readonly id: string;
  readonly headers?: MsgHdrs;
  /** Sequence that the subject's last message must have; 0: there must be none. */
  readonly expected?: number;
}

export type Publication =
  | { readonly fate: 'stored'; readonly sequence: number }
  | {
      readonly fate: Fate;
      /** With `conflict`: whether the conflicting message may be this one, from an earlier attempt. */
      readonly isAmbiguous: boolean;
      readonly cause: unknown;
    };

/**
 * Stores a message, or finds out that it cannot be; takes `withinMs` milliseconds at most, about.
 *
 * @param isRepeated the message was published before and what became of it is unknown: it may be stored
 *   even if nothing of this attempt arrives
 */
export async function publish(
  link: NatsLink,
  message: Message,
  withinMs: number,
  isRepeated = false,
): Promise<Publication> {
  const began = performance.now();
  let isAmbiguous = isRepeated;
  let cause: unknown;
  for (;;) {
    // What may be stored is worth finding out for as long as there is time.
    const until = began + (isAmbiguous ? withinMs : Math.min(withinMs, PATIENCE_MS));
    const leftMs = until - performance.now();
    if (leftMs <= 0 || link.isClosed) return { fate: isAmbiguous ? 'unknown' : 'absent', isAmbiguous, cause };
    // No detour while connected: messages leave in the order of the calls.
    if (!link.isConnected && !(await link.connected(leftMs))) continue;
    try {
      const timeoutMs = Math.min(ATTEMPT_MS, began + withinMs - performance.now());
      return { fate: 'stored', sequence: await attempt(link, message, Math.max(1, timeoutMs)) };
    } catch (error) {
      cause = error;
      const fate = fateOf(error);
      if (fate === 'unknown') isAmbiguous = true;
      else if (fate === 'absent') await delay(RETRY_MS);
      else return { fate: isAmbiguous && fate === 'refused' ? 'unknown' : fate, isAmbiguous, cause };
    }
  }
}

function attempt(link: NatsLink, message: Message, timeoutMs: number): Promise<number> {
  const { subject, data, id, expected } = message;
  const headers = message.headers ?? newHeaders();
  headers.set(ID, id);
  if (expected !== undefined) headers.set(EXPECTED, `${expected}`);
  return link.acknowledgements.publish(subject, data, headers, timeoutMs);
}

/** Any text as an id that a header can carry unchanged. */
export function messageId(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `=${Buffer.from(text).toString('base64url')}`;
}
