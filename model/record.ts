/**
 * The records of the log. One record is one of
 *
 * - **events**: a micro-batch of events of one partition, in the columnar form of `event-batch.ts`;
 * - **command**: one command to one actor, as JSON;
 * - **tick**: nothing but its own time, so that an idle partition's time goes on;
 * - **messages**: what the actors of one partition tell those of this one: their number, then JSON.
 *
 * The first byte tells which. A record has no time of its own: the log stamps it, see `storage/log`.
 */
import type { Command } from './command.ts';
import type { MessageBatch } from './message.ts';

export const RecordKind = { events: 1, command: 2, tick: 3, messages: 4 } as const;

/** A tick record. */
export const TICK_RECORD: Uint8Array = Uint8Array.of(RecordKind.tick);

/** Encodes a command as a record. */
export function encodeCommand(command: Command): Uint8Array {
  const json = JSON.stringify(command);
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(json));
  bytes[0] = RecordKind.command;
  bytes.write(json, 1);
  return bytes;
}

/** Decodes a command record. */
export function decodeCommand(record: Uint8Array): Command {
  return JSON.parse(Buffer.from(record.buffer, record.byteOffset + 1, record.byteLength - 1).toString());
}

/** Bytes before the JSON of a messages record: the kind, and the number of messages. */
const MESSAGES_HEADER = 5;

/** Encodes messages as a record. */
export function encodeMessages(batch: MessageBatch): Uint8Array {
  const json = JSON.stringify(batch);
  const bytes = Buffer.allocUnsafe(MESSAGES_HEADER + Buffer.byteLength(json));
  bytes[0] = RecordKind.messages;
  bytes.writeUInt32LE(batch.messages.length, 1);
  bytes.write(json, MESSAGES_HEADER);
  return bytes;
}

/** Decodes a messages record. */
export function decodeMessages(record: Uint8Array): MessageBatch {
  const { buffer, byteOffset, byteLength } = record;
  const json = Buffer.from(buffer, byteOffset + MESSAGES_HEADER, byteLength - MESSAGES_HEADER);
  return JSON.parse(json.toString()) as MessageBatch;
}

/** How many messages a messages record holds. */
export function messagesIn(record: Uint8Array): number {
  if (record.byteLength < MESSAGES_HEADER) return 0;
  return new DataView(record.buffer, record.byteOffset).getUint32(1, true);
}
