/** Writing dead letters, and reading those that are to be replayed. */
import { limits } from '../../limits.ts';
import type { Command } from '../../model/command.ts';
import {
  type CommandLetter,
  type DeadLetter,
  type EventLetter,
  encodeLetter,
  type LetterReplay,
  type LogPlace,
  letterId,
  letterKey,
  type MessageLetter,
  placeOfLetter,
  type RecordLetter,
  type ReplayMessagePayload,
  type ReplayPayload,
  replayKey,
} from '../../model/dead-letter.ts';
import { REASONS } from '../../model/decision.ts';
import { type Failure, failureOf } from '../../model/errors.ts';
import { EVENT_TYPE_NAMES } from '../../model/event.ts';
import { EventBatch, FIELD } from '../../model/event-batch.ts';
import { rowRecord } from '../../model/event-row-record.ts';
import type { Message, MessageOrigin } from '../../model/message.ts';
import type { DocumentWrite } from '../stored.ts';

/** What has failed: where, when by record time, and how. */
export interface FailedPlace extends LogPlace {
  readonly time: number;
  readonly error: string;
}

/** What all letters say. */
function common({ partition, sequence, row, time, error }: FailedPlace) {
  const place = { partition, sequence, row };
  return {
    id: letterId(place),
    ...place,
    time,
    reason: REASONS.processing_failed,
    error: error.slice(0, limits.errorLength),
  };
}

/** The letter of the current row of a batch. */
export function eventLetter(failed: FailedPlace, batch: EventBatch, isRepeat: boolean): EventLetter {
  return {
    kind: 'EVENT',
    ...common(failed),
    campaignId: batch.string(FIELD.campaignId) ?? '',
    eventId: batch.string(FIELD.eventId) ?? '',
    type: EVENT_TYPE_NAMES[batch.type],
    record: Buffer.from(rowRecord(batch, isRepeat)).toString('base64'),
  };
}

export function commandLetter(failed: FailedPlace, command: Command): CommandLetter {
  const { commandId, actorKind, actorId, name, principal } = command;
  return {
    kind: 'COMMAND',
    ...common(failed),
    command: { commandId, actorKind, actorId, name, by: principal.subject },
  };
}

export function messageLetter(failed: FailedPlace, message: Message, origin: MessageOrigin): MessageLetter {
  return { kind: 'MESSAGE', ...common(failed), message, origin };
}

export function recordLetter(failed: FailedPlace, data: Uint8Array): RecordLetter {
  return { kind: 'RECORD', ...common(failed), record: Buffer.from(data).toString('base64') };
}

/** To be saved with the block: a letter. */
export function letterDocument(letter: DeadLetter): DocumentWrite {
  return { key: letterKey(letter), value: encodeLetter(letter) };
}

/** To be saved with the block: that a letter was replayed. */
export function replayDocument(letter: LogPlace, replay: LetterReplay): DocumentWrite {
  return { key: replayKey(letter), value: encodeLetter(replay) };
}

/** A letter that is to be replayed. */
export interface ReplayedLetter {
  readonly place: LogPlace;
  readonly batch: EventBatch;
}

/** What a command asks to be replayed, or why it cannot be. */
export function replayedLetter(command: Command, partition: number): ReplayedLetter | Failure {
  const { letterId: id, record } = command.payload as ReplayPayload;
  const place = placeOfLetter(id);
  if (place?.partition !== partition)
    return { code: 'invalid_argument', message: `${id} is no dead letter of partition ${partition}` };
  try {
    const batch = new EventBatch(Buffer.from(record, 'base64'));
    if (batch.rows === 1 && batch.string(FIELD.campaignId) === command.actorId) return { place, batch };
  } catch (error) {
    // Letters of an earlier version may hold what this one does not know.
    return { code: 'failed_precondition', message: `dead letter ${id}: ${failureOf(error).message}` };
  }
  return { code: 'invalid_argument', message: `dead letter ${id} is not of campaign ${command.actorId}` };
}

/** A message that is to be told again. */
export interface ReplayedMessage {
  readonly place: LogPlace;
  readonly message: Message;
  readonly origin: MessageOrigin;
}

/** What a command asks to be told again, or why it cannot be. */
export function replayedMessage(command: Command, partition: number): ReplayedMessage | Failure {
  const { letterId: id, message, origin } = command.payload as ReplayMessagePayload;
  const place = placeOfLetter(id);
  if (place?.partition !== partition)
    return { code: 'invalid_argument', message: `${id} is no dead letter of partition ${partition}` };
  if (message.actorKind !== command.actorKind || message.actorId !== command.actorId)
    return { code: 'invalid_argument', message: `dead letter ${id} is not of ${command.actorId}` };
  return { place, message, origin };
}
