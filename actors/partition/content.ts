/** What a record says. */
import type { Command } from '../../model/command.ts';
import { EventBatch, rowsOf } from '../../model/event-batch.ts';
import type { MessageBatch } from '../../model/message.ts';
import { decodeCommand, decodeMessages, messagesIn, RecordKind } from '../../model/record.ts';
import type { LogRecord } from '../../storage/log/port.ts';

export type Content =
  | { readonly kind: 'events'; readonly batch: EventBatch }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'messages'; readonly batch: MessageBatch }
  | { readonly kind: 'tick' }
  | { readonly kind: 'unreadable'; readonly error: string };

export function contentOf({ data }: LogRecord): Content {
  try {
    switch (data[0]) {
      case RecordKind.events:
        return { kind: 'events', batch: new EventBatch(data) };
      case RecordKind.command:
        return { kind: 'command', command: decodeCommand(data) };
      case RecordKind.messages:
        return { kind: 'messages', batch: decodeMessages(data) };
      case RecordKind.tick:
        return { kind: 'tick' };
      default:
        return { kind: 'unreadable', error: `records of kind ${data[0]} are unknown` };
    }
  } catch (error) {
    return { kind: 'unreadable', error: String(error) };
  }
}

/** By how much a record fills a block: its events, or its messages. */
export function sizeOf({ data }: LogRecord): number {
  switch (data[0]) {
    case RecordKind.events:
      return data.byteLength > 8 ? rowsOf(data) : 0;
    case RecordKind.messages:
      return messagesIn(data);
    default:
      return 0;
  }
}
