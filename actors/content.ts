/** What a record says. */
import type { Command } from '../model/command.ts';
import { EventBatch } from '../model/event-batch.ts';
import { decodeCommand, RecordKind } from '../model/record.ts';
import type { LogRecord } from '../storage/log/port.ts';

export type Content =
  | { readonly kind: 'events'; readonly batch: EventBatch }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'tick' }
  | { readonly kind: 'unreadable'; readonly error: string };

export function contentOf({ data }: LogRecord): Content {
  try {
    switch (data[0]) {
      case RecordKind.events:
        return { kind: 'events', batch: new EventBatch(data) };
      case RecordKind.command:
        return { kind: 'command', command: decodeCommand(data) };
      case RecordKind.tick:
        return { kind: 'tick' };
      default:
        return { kind: 'unreadable', error: `records of kind ${data[0]} are unknown` };
    }
  } catch (error) {
    return { kind: 'unreadable', error: String(error) };
  }
}
