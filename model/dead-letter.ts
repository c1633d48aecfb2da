/**
 * Dead letters: what could not be processed, kept with all that is needed to do it again. A letter is written
 * once and never changed; that it was replayed stands beside it, in a document of its own.
 */
import type { Command, CommandAnswer } from './command.ts';
import { decisionId, type ReasonCode } from './decision.ts';
import type { EventTypeName } from './event.ts';
import type { Message, MessageOrigin } from './message.ts';

/** What a letter is about: an event, a command, a message to an actor, or a record of the log that nobody could read. */
export const LETTER_KINDS = ['EVENT', 'COMMAND', 'MESSAGE', 'RECORD'] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** A place in the log. Commands and whole records are row 0. */
export interface LogPlace {
  readonly partition: number;
  readonly sequence: number;
  readonly row: number;
}

interface Letter extends LogPlace {
  /** That of the decision at its place in the log. */
  readonly id: string;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  readonly reason: ReasonCode;
  /** Text of the error, at most `limits.errorLength` units. */
  readonly error: string;
}

export interface EventLetter extends Letter {
  readonly kind: 'EVENT';
  readonly campaignId: string;
  readonly eventId: string;
  readonly type: EventTypeName;
  /** The event as an events record of one row, base64. */
  readonly record: string;
}

/** A command is repeated by whoever gave it; what it said may be secret, and is not kept. */
export interface CommandLetter extends Letter {
  readonly kind: 'COMMAND';
  readonly command: Pick<Command, 'commandId' | 'actorKind' | 'actorId' | 'name'> & { readonly by: string };
}

/** What an actor was told by another one, and could not take. It may be about money, so it is kept whole. */
export interface MessageLetter extends Letter {
  readonly kind: 'MESSAGE';
  readonly message: Message;
  /** The block that it came from. */
  readonly origin: MessageOrigin;
}

export interface RecordLetter extends Letter {
  readonly kind: 'RECORD';
  /** The whole record, base64: there may be no other copy. */
  readonly record: string;
}

export type DeadLetter = EventLetter | CommandLetter | MessageLetter | RecordLetter;

/** What a letter says, without the bytes. */
export type ShownLetter =
  | Omit<EventLetter, 'record'>
  | CommandLetter
  | MessageLetter
  | Omit<RecordLetter, 'record'>;

/** The replay of a letter. */
export interface LetterReplay {
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  /** Who asked for it. */
  readonly by: string;
  /**
   * What the event was decided now, and why; of a message: that it was taken. Where it failed again, the id is that
   * of the new letter.
   */
  readonly decisionId: string;
  readonly reason: ReasonCode;
}

/** A letter as it is kept. */
export interface KeptLetter {
  readonly letter: DeadLetter;
  /** Absent: it was not replayed. */
  readonly replay?: LetterReplay;
}

/** The campaign that a letter is of, if it is of one. */
export function campaignOf(letter: ShownLetter): string | undefined {
  switch (letter.kind) {
    case 'EVENT':
      return letter.campaignId;
    case 'COMMAND':
      return campaignIn(letter.command);
    case 'MESSAGE':
      return campaignIn(letter.message);
    case 'RECORD':
      return undefined;
  }
}

function campaignIn({ actorKind, actorId }: Pick<Command, 'actorKind' | 'actorId'>): string | undefined {
  return actorKind === 'campaign' ? actorId : undefined;
}

/** The command to a campaign that its partition decides the event of a letter anew. */
export const REPLAY_LETTER = 'replay_letter';

export interface ReplayPayload {
  readonly letterId: string;
  /** As the letter has it. */
  readonly record: string;
}

/** The command to an actor that its partition tells it the message of a letter. */
export const REPLAY_MESSAGE = 'replay_message';

export interface ReplayMessagePayload {
  readonly letterId: string;
  /** As the letter has them. */
  readonly message: Message;
  readonly origin: MessageOrigin;
}

/** `already_exists` if the letter was replayed before. */
export type ReplayAnswer = CommandAnswer<LetterReplay>;

/** The id of the letter at a place in the log. */
export function letterId({ partition, sequence, row }: LogPlace): string {
  return decisionId(partition, sequence, row);
}

/** The place that a letter's id names; `undefined` if it is none. */
export function placeOfLetter(id: string): LogPlace | undefined {
  const parts = /^([0-9a-z]{1,4})-([0-9a-z]{1,11})-([0-9a-z]{1,4})$/.exec(id);
  if (!parts) return undefined;
  const [partition = 0, sequence = 0, row = 0] = parts.slice(1).map((part) => Number.parseInt(part, 36));
  const place = { partition, sequence, row };
  return Number.isSafeInteger(sequence) && letterId(place) === id ? place : undefined;
}

const PREFIX = 'dead-letter/';
const REPLAY = '/replay';

/** Where letters lie among the snapshots: of one partition, or all. In the order of the log. */
export function letterPrefix(partition?: number): string {
  return partition === undefined ? PREFIX : `${PREFIX}${partition}/`;
}

export function letterKey({ partition, sequence, row }: LogPlace): string {
  const padded = (number: number, digits: number): string => String(number).padStart(digits, '0');
  return `${letterPrefix(partition)}${padded(sequence, 16)}-${padded(row, 6)}`;
}

/** Where it is noted that a letter was replayed: right behind the letter. */
export function replayKey(place: LogPlace): string {
  return letterKey(place) + REPLAY;
}

/** The key of the letter whose replay is noted under a key; `undefined` if that is another kind of key. */
export function replayedLetterKey(key: string): string | undefined {
  return key.endsWith(REPLAY) ? key.slice(0, -REPLAY.length) : undefined;
}

/** Letters from their documents, in the order of their keys. */
export async function* lettersOf(
  documents: AsyncIterable<{ readonly key: string; readonly value: Uint8Array }>,
): AsyncGenerator<KeptLetter> {
  let last: DeadLetter | undefined;
  for await (const { key, value } of documents) {
    const replayed = replayedLetterKey(key);
    if (replayed !== undefined) {
      // One whose letter has just been given up says nothing any more.
      if (!last || replayed !== letterKey(last)) continue;
      yield { letter: last, replay: parse<LetterReplay>(value) };
      last = undefined;
    } else {
      if (last) yield { letter: last };
      last = parse<DeadLetter>(value);
    }
  }
  if (last) yield { letter: last };
}

/** The document of a letter, or of its replay. */
export function encodeLetter(document: DeadLetter | LetterReplay): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}

/** A letter from its document, and that of its replay if there is one. */
export function keptLetter(letter: Uint8Array, replay: Uint8Array | undefined): KeptLetter {
  return { letter: parse<DeadLetter>(letter), ...(replay && { replay: parse<LetterReplay>(replay) }) };
}

function parse<Document>(value: Uint8Array): Document {
  return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as Document;
}
