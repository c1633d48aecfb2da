/** Telling actors what others have told them: by the records of the log, or by the replay of a dead letter. */
import type { Command } from '../../model/command.ts';
import { type LetterReplay, type LogPlace, letterId, type ReplayAnswer } from '../../model/dead-letter.ts';
import { decisionId, REASONS } from '../../model/decision.ts';
import type { Failure } from '../../model/errors.ts';
import type { Message, MessageBatch, MessageOrigin } from '../../model/message.ts';
import type { OpenBlock } from '../partition/block.ts';
import type { Cell } from '../partition/cell.ts';
import type { Cells } from '../partition/cells.ts';
import { letterDocument, messageLetter, replayDocument, replayedMessage } from '../partition/dead-letters.ts';
import { type Poison, PoisonedRow, poisonKey } from '../partition/poison.ts';
import type { Inbox } from './inbox.ts';

export interface MessageDeliveryOptions {
  readonly partition: number;
  readonly cells: Cells;
  readonly poison: Poison;
  readonly inbox: Inbox;
  /** Called when an actor has changed. */
  readonly settle: (cell: Cell, sequence: number) => void;
}

/** A message with where it came from, and where it is told. */
interface Delivery {
  readonly message: Message;
  readonly origin: MessageOrigin;
  readonly block: OpenBlock;
  readonly sequence: number;
  readonly row: number;
  readonly time: number;
}

export class MessageDelivery {
  readonly #options: MessageDeliveryOptions;

  constructor(options: MessageDeliveryOptions) {
    this.#options = options;
  }

  /**
   * Tells actors those messages of a batch that were not there before. A batch that was there changes nothing at all:
   * not even a block is opened for it.
   *
   * @throws PoisonedRow
   */
  async deliver(batch: MessageBatch, open: () => OpenBlock, sequence: number, time: number): Promise<void> {
    const { from, upTo } = batch;
    for (const { row, message } of this.#options.inbox.take(batch)) {
      const block = open();
      block.skip();
      const cell = await this.#options.cells.load(message.actorKind, message.actorId);
      if (block.isNewTo(cell, sequence))
        this.#tell(cell, { message, origin: { from, upTo }, block, sequence, row, time });
      // Saved by a commit that has stopped before the cursor: its timer is still to be set.
      else this.#options.settle(cell, sequence);
    }
  }

  /**
   * Tells an actor the message of a letter: once for ever.
   *
   * @returns the answer; `undefined` if the actor has had it already, by an earlier owner
   * @throws PoisonedRow
   */
  async replay(
    command: Command,
    block: OpenBlock,
    sequence: number,
    time: number,
  ): Promise<ReplayAnswer | undefined> {
    const { partition, inbox, cells } = this.#options;
    const asked = replayedMessage(command, partition);
    if ('code' in asked) return { ok: false, failure: asked };
    const { message, origin, place } = asked;
    // Also for an actor that has it already: what was replayed is the partition's, and at the cursor.
    if (!(await inbox.takeLetter(place))) return { ok: false, failure: wasReplayed(place) };
    const cell = await cells.load(message.actorKind, message.actorId);
    if (!block.isNewTo(cell, sequence)) {
      this.#options.settle(cell, sequence);
      return undefined;
    }
    const isTaken = this.#tell(cell, { message, origin, block, sequence, row: 0, time });
    const replay: LetterReplay = {
      time,
      by: command.principal.subject,
      decisionId: decisionId(partition, sequence, 0),
      reason: isTaken ? REASONS.accepted : REASONS.processing_failed,
    };
    block.documents.push(replayDocument(place, replay));
    return { ok: true, view: replay };
  }

  /** Tells an actor a message; `false` if its handling has thrown before: then it is kept in a letter. */
  #tell(cell: Cell, { message, origin, block, sequence, row, time }: Delivery): boolean {
    const { partition, poison, settle } = this.#options;
    const error = poison.get(poisonKey(sequence, row));
    if (error !== undefined) {
      const failed = { partition, sequence, row, time, error };
      block.documents.push(letterDocument(messageLetter(failed, message, origin)));
      return false;
    }
    try {
      cell.actor.receive(message, time, sequence, origin);
    } catch (cause) {
      throw new PoisonedRow(sequence, row, cause, true);
    }
    block.touched.add(cell);
    settle(cell, sequence);
    return true;
  }
}

function wasReplayed(place: LogPlace): Failure {
  return { code: 'already_exists', message: `dead letter ${letterId(place)} was replayed before` };
}
