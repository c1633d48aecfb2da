/**
 * Messages as they leave a partition: batches by the partition that they are for, each appended to its log under an
 * id of its own, so that a batch whose append may or may not have happened is appended again.
 */
import { limits } from '../../limits.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import type { Message, MessageBatch } from '../../model/message.ts';
import { encodeMessages } from '../../model/record.ts';
import type { Log } from '../../storage/log/port.ts';
import { keys } from '../keys.ts';
import type { OutboxOptions } from './outbox.ts';

/** Bytes of a record besides its messages, and of a message besides its JSON. */
const RECORD_BYTES = 256;
const SEPARATOR_BYTES = 1;

type MessagesOutbox = Pick<OutboxOptions, 'prefix' | 'keyOf' | 'itemsIn' | 'deliver'>;

/** Messages as they lie in the outbox. */
interface MessagesDocument {
  /** Record time of the block. */
  readonly time: number;
  readonly messages: readonly Message[];
}

/** @param time record time of the block that they come from */
export function encodeOutgoing(messages: readonly Message[], time: number): Uint8Array {
  return Buffer.from(JSON.stringify({ time, messages } satisfies MessagesDocument));
}

function decode(document: Uint8Array): MessagesDocument {
  return JSON.parse(Buffer.from(document).toString()) as MessagesDocument;
}

export function messagesOutbox(partition: number, log: Pick<Log, 'append' | 'partitions'>): MessagesOutbox {
  /** Records of the block at hand that are known to be in their logs. */
  const stored = new Set<string>();

  /** Appends the batches for one partition, in order; each when the one before it is known to be stored. */
  const append = async (target: number, batches: readonly MessageBatch[]): Promise<void> => {
    for (const batch of batches) {
      const recordId = recordIdOf(target, batch);
      if (stored.has(recordId)) continue;
      await log.append(target, recordId, encodeMessages(batch));
      stored.add(recordId);
    }
  };

  return {
    prefix: keys.messagesPrefix(partition),
    keyOf: (lastSequence) => keys.messages(partition, lastSequence),
    itemsIn: (document) => {
      const { messages, time } = decode(document);
      return { count: messages.length, time };
    },
    deliver: async (document, upTo) => {
      const targets = [...byPartition(decode(document).messages, log.partitions)];
      const ends = await Promise.allSettled(
        targets.map(([target, messages]) => append(target, batchesOf({ from: partition, upTo }, messages))),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      stored.clear();
    },
  };
}

function byPartition(messages: readonly Message[], partitions: number): Map<number, Message[]> {
  const targets = new Map<number, Message[]>();
  for (const message of messages) {
    const target = partitionOf(message.actorId, partitions);
    const known = targets.get(target);
    if (known) known.push(message);
    else targets.set(target, [message]);
  }
  return targets;
}

/** Batches that fit a record each. */
export function batchesOf(
  origin: Pick<MessageBatch, 'from' | 'upTo'>,
  messages: readonly Message[],
): MessageBatch[] {
  const batches: MessageBatch[] = [];
  let first = 0;
  let bytes = RECORD_BYTES;
  for (const [index, message] of messages.entries()) {
    const size = Buffer.byteLength(JSON.stringify(message)) + SEPARATOR_BYTES;
    if (index > first && bytes + size > limits.recordBytes) {
      batches.push({ ...origin, first, messages: messages.slice(first, index) });
      first = index;
      bytes = RECORD_BYTES;
    }
    bytes += size;
  }
  if (first < messages.length) batches.push({ ...origin, first, messages: messages.slice(first) });
  return batches;
}

/** Two batches that are cut differently, by another version, have different ids. */
function recordIdOf(target: number, { from, upTo, first, messages }: MessageBatch): string {
  return `messages-${from}-${target}-${upTo}-${first}-${first + messages.length}`;
}
