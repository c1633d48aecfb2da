/**
 * What a partition has been told by others: which of their messages it has had, and which dead letters of
 * messages were replayed. Both are at the cursor, as the event ids are, and so a function of the log.
 *
 * A partition sends the batches of its blocks in order, and repeats one until it is stored: what comes to another
 * partition for the first time comes in order, and everything before it has been there. What comes again, however
 * late, is told by two numbers for each sender: the last block that it has told of, and how many messages of it.
 */
import type { LogPlace } from '../../model/dead-letter.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { Message, MessageBatch } from '../../model/message.ts';
import type { ActorDocument, DocumentReader } from '../actor.ts';
import { PagedSet } from '../memory/paged-set.ts';

/** Of each partition that has sent messages: the last block that it has told of, and how many of its messages are taken. */
export type ReceivedJson = Readonly<Record<string, readonly [upTo: number, messages: number]>>;

export interface InboxJson {
  readonly received: ReceivedJson;
  /** How many letters of messages were replayed. */
  readonly replayed: number;
}

/** A message of a batch that was not there before, with its place in the record. */
export interface NewMessage {
  readonly row: number;
  readonly message: Message;
}

/** The paged set of the places of letters that were replayed. */
const REPLAYED = 'replayed-messages';
const WORD = 2 ** 32;

export class Inbox {
  readonly #received: Map<number, readonly [upTo: number, messages: number]>;
  readonly #read: DocumentReader;
  /** Letters are replayed once in a blue moon: the set is read when it is asked for. */
  #replayed: PagedSet | undefined;
  #replayedSize: number;

  /** @param read gives a document of the partition itself */
  constructor(json: InboxJson | undefined, read: DocumentReader) {
    const received = Object.entries(json?.received ?? {});
    this.#received = new Map(received.map(([from, seen]) => [Number(from), seen]));
    this.#replayedSize = json?.replayed ?? 0;
    this.#read = read;
  }

  /** Takes a batch: gives the messages of it that were not there before, which is all of them or none as a rule. */
  take({ from, upTo, first, messages }: MessageBatch): NewMessage[] {
    const [lastBlock, count] = this.#received.get(from) ?? [0, 0];
    if (upTo < lastBlock) return [];
    const known = upTo === lastBlock ? Math.max(0, count - first) : 0;
    if (known >= messages.length) return [];
    this.#received.set(from, [upTo, first + messages.length]);
    return messages.map((message, row) => ({ row, message })).slice(known);
  }

  /** Takes a letter to be replayed: `false` if it was replayed before, which happens once for ever. */
  async takeLetter({ sequence, row }: LogPlace): Promise<boolean> {
    this.#replayed ??= await PagedSet.load(REPLAYED, this.#replayedSize, this.#read);
    const words = new Uint32Array(FINGERPRINT_WORDS);
    words[0] = sequence % WORD;
    words[1] = Math.floor(sequence / WORD);
    words[2] = row;
    const isNew = this.#replayed.add(words, 0);
    this.#replayedSize = this.#replayed.size;
    return isNew;
  }

  /** The documents of the partition that changed since the last call. */
  takeChanges(): ActorDocument[] {
    return this.#replayed?.takeChanges() ?? [];
  }

  toJson(): InboxJson {
    return { received: Object.fromEntries(this.#received), replayed: this.#replayedSize };
  }
}
