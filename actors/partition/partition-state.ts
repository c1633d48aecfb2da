/**
 * The state machine of a partition: what applying one record does. It holds no log and no clock; given
 * the same records it goes through the same states, forms the same blocks and gives the same answers.
 */

import type { Command, CommandAnswer } from '../../model/command.ts';
import {
  type LetterReplay,
  letterId,
  REPLAY_LETTER,
  REPLAY_MESSAGE,
  type ReplayAnswer,
} from '../../model/dead-letter.ts';
import { decisionId } from '../../model/decision.ts';
import type { Failure } from '../../model/errors.ts';
import { type EventBatch, FIELD, UNDECIDED } from '../../model/event-batch.ts';
import type { Summary } from '../../model/summary.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import type { EventActor } from '../actor.ts';
import { Decision } from '../campaign/decide.ts';
import { keys } from '../keys.ts';
import { Inbox } from '../messaging/inbox.ts';
import { MessageDelivery } from '../messaging/message-delivery.ts';
import { OpenBlock, type SealedBlock } from './block.ts';
import type { Cell } from './cell.ts';
import type { Cells } from './cells.ts';
import { contentOf, sizeOf } from './content.ts';
import type { Cursor, Position } from './cursor.ts';
import {
  commandLetter,
  eventLetter,
  type FailedPlace,
  letterDocument,
  recordLetter,
  replayDocument,
  replayedLetter,
} from './dead-letters.ts';
import type { EventIdWindow } from './event-id-window.ts';
import { type Poison, PoisonedRow, poisonKey } from './poison.ts';
import { RecentDecisions } from './recent-decisions.ts';
import { Timers } from './timers.ts';

/** A sealed block and the cursor after it. */
export interface ClosedBlock {
  readonly block: SealedBlock;
  readonly cursor: Position;
}

/** What a partition tells while it applies records. */
export interface PartitionEvents {
  summary(summary: Summary): void;
  answer(commandId: string, answer: CommandAnswer): void;
}

/** The campaigns of a batch. */
interface BatchCells {
  /** By the index of the campaign's string. */
  readonly byRef: readonly (Cell<EventActor> | undefined)[];
  /** Each once, in the order of the rows. */
  readonly met: readonly Cell<EventActor>[];
}

export class PartitionState {
  readonly #partition: number;
  readonly #cells: Cells;
  readonly #eventIds: EventIdWindow;
  readonly #timers: Timers;
  readonly #poison: Poison;
  readonly #events: PartitionEvents;
  readonly #inbox: Inbox;
  readonly #messages: MessageDelivery;
  readonly #decision = new Decision();
  readonly decisions = new RecentDecisions();
  #block: OpenBlock | undefined;
  #sequence: number;
  #time: number;
  #appliedRows = 0;

  constructor(
    partition: number,
    cursor: Cursor,
    cells: Cells,
    eventIds: EventIdWindow,
    poison: Poison,
    events: PartitionEvents,
  ) {
    this.#partition = partition;
    this.#cells = cells;
    this.#eventIds = eventIds;
    this.#timers = new Timers(cursor.timers);
    this.#poison = poison;
    this.#events = events;
    this.#inbox = new Inbox(cursor.inbox, (name) => cells.ownDocument(name));
    this.#messages = new MessageDelivery({
      partition,
      cells,
      poison,
      inbox: this.#inbox,
      settle: (cell, sequence) => this.#settle(cell, sequence),
    });
    this.#sequence = cursor.sequence;
    this.#time = cursor.time;
  }

  /** Last applied sequence, and record time there. */
  get sequence(): number {
    return this.#sequence;
  }

  get time(): number {
    return this.#time;
  }

  /** Record time at which the open block began, or `undefined` if none is open. */
  get blockOpenedAt(): number | undefined {
    return this.#block?.openedAt;
  }

  /** Record time at which some actor falls due next. */
  get nextTimer(): number {
    return this.#timers.earliest;
  }

  /** Events decided since the state was made. */
  get appliedRows(): number {
    return this.#appliedRows;
  }

  /**
   * Closes the open block if the next record does not belong to it. To be called before each `apply`.
   *
   * @returns the closed block, with the cursor after it
   */
  closeBefore(record: LogRecord): ClosedBlock | undefined {
    const time = Math.max(this.#time, record.time);
    return this.#block?.endsBefore(time, sizeOf(record)) ? this.#close() : undefined;
  }

  /**
   * Applies the next record.
   *
   * @throws PoisonedRow
   */
  async apply(record: LogRecord): Promise<void> {
    this.#time = Math.max(this.#time, record.time);
    await this.#fireTimers(record.sequence);
    const content = contentOf(record);
    switch (content.kind) {
      case 'events':
        await this.#applyEvents(content.batch, record.sequence);
        break;
      case 'command':
        await this.#applyCommand(content.command, record.sequence);
        break;
      case 'messages':
        await this.#messages.deliver(
          content.batch,
          () => this.#open(record.sequence),
          record.sequence,
          this.#time,
        );
        break;
      case 'unreadable':
        // It will never be readable: it must not hold up what comes after it.
        this.#open(record.sequence).documents.push(
          letterDocument(recordLetter(this.#failed(record.sequence, 0, content.error), record.data)),
        );
        break;
      case 'tick':
        break;
    }
    this.#sequence = record.sequence;
  }

  #close(): ClosedBlock {
    const open = this.#block as OpenBlock;
    this.#block = undefined;
    for (const { name, ...document } of [...this.#eventIds.takeChanges(), ...this.#inbox.takeChanges()])
      open.documents.push({ key: keys.partitionDocument(this.#partition, name), ...document });
    const block = open.seal(this.#sequence, this.#time);
    this.#cells.passivate();
    const cursor: Position = {
      sequence: this.#sequence,
      time: this.#time,
      eventIds: this.#eventIds.toJson(),
      timers: this.#timers.toJson(),
      inbox: this.#inbox.toJson(),
    };
    return { block, cursor };
  }

  async #applyEvents(batch: EventBatch, sequence: number): Promise<void> {
    const block = this.#open(sequence);
    const cells = await this.#cellsOf(batch);
    for (const stopped of batch.stopped()) {
      const cell = this.#cells.get('campaign', stopped.campaignId);
      if (!cell || !block.isNewTo(cell, sequence)) continue;
      cell.actor.stopped(stopped, this.#time, sequence);
      block.touched.add(cell);
    }
    // Also for actors that have the record already: the ids are the partition's, and at the cursor.
    const isKnown = this.#eventIds.addRows(batch, this.#time);
    const reasons = new Uint16Array(batch.rows);
    for (let row = 0; row < batch.rows; row++) {
      batch.seek(row);
      const cell = cells.byRef[batch.stringRef(FIELD.campaignId)] as Cell<EventActor>;
      if (!block.isNewTo(cell, sequence)) {
        block.skip();
        continue;
      }
      const isRepeat = isKnown[row] === 1 || (batch.verdict === UNDECIDED && cell.actor.hasFailed(batch));
      this.#applyRow(batch, cell, isRepeat, block, sequence, row);
      reasons[row] = this.#decision.reason;
    }
    this.#appliedRows += batch.rows;
    this.decisions.put(sequence, reasons);
    for (const cell of cells.met) this.#settle(cell, sequence);
  }

  #applyRow(
    batch: EventBatch,
    cell: Cell<EventActor>,
    isRepeat: boolean,
    block: OpenBlock,
    sequence: number,
    row: number,
  ): void {
    const poison = this.#poison.size > 0 ? this.#poison.get(poisonKey(sequence, row)) : undefined;
    if (poison === undefined) {
      try {
        cell.actor.event(batch, isRepeat, this.#time, sequence, this.#decision);
      } catch (error) {
        throw new PoisonedRow(sequence, row, error);
      }
    } else {
      const letter = eventLetter(this.#failed(sequence, row, poison), batch, isRepeat);
      cell.actor.failedEvent(batch, letter, this.#decision);
      block.documents.push(letterDocument(letter));
    }
    block.add(batch, this.#decision, sequence, row, this.#time);
    // Once a record: it would be a look-up for each of its rows.
    if (cell.metIn === sequence) return;
    cell.metIn = sequence;
    block.touched.add(cell);
  }

  /** The actors of the campaigns in the batch; those that are only counted as stopped are loaded, too. */
  async #cellsOf(batch: EventBatch): Promise<BatchCells> {
    const byRef: (Cell<EventActor> | undefined)[] = new Array(batch.stringCount);
    const met: Cell<EventActor>[] = [];
    for (let row = 0; row < batch.rows; row++) {
      batch.seek(row);
      const ref = batch.stringRef(FIELD.campaignId);
      if (byRef[ref] !== undefined) continue;
      const id = batch.nameAt(ref);
      const cell = this.#cells.get('campaign', id) ?? (await this.#cells.load('campaign', id));
      byRef[ref] = cell;
      met.push(cell);
    }
    batch.rewind();
    for (const { campaignId } of batch.stopped())
      if (!this.#cells.get('campaign', campaignId)) await this.#cells.load('campaign', campaignId);
    return { byRef, met };
  }

  async #applyCommand(command: Command, sequence: number): Promise<void> {
    if (command.name === REPLAY_MESSAGE) return this.#applyReplay(command, sequence);
    const block = this.#open(sequence);
    const cell = await this.#cells.load(command.actorKind, command.actorId);
    const isReplay = command.name === REPLAY_LETTER && command.actorKind === 'campaign';
    if (!block.isNewTo(cell, sequence)) {
      if (isReplay) block.skip();
      this.#settle(cell, sequence);
      return;
    }
    if (!isReplay) await cell.actor.prepare?.(command, this.#cells.readerOf(cell));
    const answer = isReplay
      ? this.#replay(command, await this.#cells.load('campaign', command.actorId), block, sequence)
      : this.#perform(command, cell, block, sequence);
    block.touched.add(cell);
    this.#settle(cell, sequence);
    this.#events.answer(command.commandId, answer);
  }

  #perform(command: Command, { actor }: Cell, block: OpenBlock, sequence: number): CommandAnswer {
    const poison = this.#poison.get(poisonKey(sequence, 0));
    if (poison === undefined) {
      try {
        return actor.command(command, this.#time, sequence);
      } catch (error) {
        throw new PoisonedRow(sequence, 0, error);
      }
    }
    block.documents.push(letterDocument(commandLetter(this.#failed(sequence, 0, poison), command)));
    const message = `${command.name} could not be processed; see the dead letters`;
    return { ok: false, failure: { code: 'invalid_argument', message } };
  }

  /**
   * Decides the event of a dead letter anew, as the first row of the command's own place in the log. Carried out
   * or not, it counts as a row: where the block ends must not depend on what an actor knows.
   */
  #replay(command: Command, cell: Cell<EventActor>, block: OpenBlock, sequence: number): ReplayAnswer {
    const asked = replayedLetter(command, this.#partition);
    const refuse = (failure: Failure): ReplayAnswer => {
      block.skip();
      return { ok: false, failure };
    };
    if ('code' in asked) return refuse(asked);
    const refusal = cell.actor.takeLetter(letterId(asked.place), sequence);
    if (refusal) return refuse(refusal);
    this.#applyRow(asked.batch, cell, false, block, sequence, 0);
    this.#appliedRows++;
    const replay: LetterReplay = {
      time: this.#time,
      by: command.principal.subject,
      decisionId: decisionId(this.#partition, sequence, 0),
      reason: this.#decision.reason,
    };
    block.documents.push(replayDocument(asked.place, replay));
    return { ok: true, view: replay };
  }

  /** Tells an actor the message of a dead letter, by the command's own place in the log. */
  async #applyReplay(command: Command, sequence: number): Promise<void> {
    const answer = await this.#messages.replay(command, this.#open(sequence), sequence, this.#time);
    if (answer) this.#events.answer(command.commandId, answer);
  }

  async #fireTimers(sequence: number): Promise<void> {
    if (this.#timers.earliest > this.#time) return;
    const block = this.#open(sequence);
    for (const [kind, id] of this.#timers.due(this.#time)) {
      const cell = await this.#cells.load(kind, id);
      if (block.isNewTo(cell, sequence)) {
        cell.actor.onTime(this.#time, sequence);
        block.touched.add(cell);
      }
      this.#settle(cell, sequence);
    }
  }

  /** What follows a change of an actor: its summary goes out, what happened is in the block, its timer is set, it counts as used. */
  #settle(cell: Cell, sequence: number): void {
    const summary = cell.takeSummary();
    if (summary) this.#events.summary(summary);
    this.#block?.addDomainEvents(cell.actor.takeDomainEvents(), sequence);
    const dueAt = cell.actor.dueAt();
    if (dueAt !== cell.timer) {
      this.#timers.set(cell.kind, cell.actor.id, dueAt);
      cell.timer = dueAt;
    }
    this.#cells.touch(cell);
  }

  #open(sequence: number): OpenBlock {
    this.#block ??= new OpenBlock(this.#partition, sequence, this.#time);
    return this.#block;
  }

  #failed(sequence: number, row: number, error: string): FailedPlace {
    return { partition: this.#partition, sequence, row, time: this.#time, error };
  }
}
