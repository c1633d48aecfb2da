/**
 * The records of the log. One record is one of
 *
 * - **events**: a micro-batch of events of one partition, in the columnar form of `event-batch.ts`;
 * - **command**: one command to one actor, as JSON;
 * - **tick**: nothing but its own time, so that an idle partition's time goes on.
 *
 * The first byte tells which. A record has no time of its own: the log stamps it, see `storage/log`.
 */
import type { Command } from './command.ts';

export const RecordKind = { events: 1, command: 2, tick: 3 } as const;

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
