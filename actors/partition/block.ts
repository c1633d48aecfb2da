/**
 * Blocks: what a partition writes at a time. Where a block begins and ends depends on the log alone
 * (sequence, record time, number of rows), so a replay forms the same blocks with the same bytes, and a
 * block that is written twice is recognised by its token.
 */
import { limits } from '../../limits.ts';
import { TableRows } from '../../model/columns/table-rows.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import type { Message } from '../../model/message.ts';
import type { OutgoingKind } from '../../model/outbox.ts';
import type { Summary } from '../../model/summary.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { Table, WarehouseBlock } from '../../storage/warehouse/port.ts';
import { AGGREGATES, CREDITS, DOMAIN_EVENTS, LEDGER_ENTRIES } from '../../storage/warehouse/schema.ts';
import type { Decision } from '../campaign/decide.ts';
import { minuteOf } from '../campaign/slices.ts';
import { keys } from '../keys.ts';
import { encodeEvents } from '../messaging/outgoing-events.ts';
import { encodeOutgoing } from '../messaging/outgoing-messages.ts';
import { encodeOrders } from '../messaging/transfers.ts';
import type { DocumentWrite } from '../stored.ts';
import type { Cell } from './cell.ts';
import { addCredits } from './credit-row.ts';
import { DecidedEvents } from './decided-events.ts';
import { addDomainEvent } from './domain-event-row.ts';

/** An actor's state to be saved with compare-and-set. */
export interface CellWrite {
  readonly cell: Cell;
  readonly key: string;
  readonly value: Uint8Array;
}

/** A closed block: bytes only, nothing in it changes any more. */
export interface SealedBlock {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Record time of its last record. */
  readonly time: number;
  /** Blocks for the warehouse, in the order in which they are inserted. */
  readonly inserts: readonly WarehouseBlock[];
  /** An earlier owner has inserted or spooled the block: then there is nothing in `inserts`. */
  readonly wasInserted: boolean;
  /** How many items of each kind it leaves to be done outside. */
  readonly outgoing: Readonly<Record<OutgoingKind, number>>;
  /** Pages, deletions, dead letters, what is outgoing: written before the states that refer to them. */
  readonly documents: readonly DocumentWrite[];
  readonly cells: readonly CellWrite[];
  readonly summaries: readonly DocumentWrite[];
}

export class OpenBlock {
  readonly openedAt: number;
  readonly touched = new Set<Cell>();
  /** Documents to be saved besides those of the actors: pages of event ids, dead letters. */
  readonly documents: DocumentWrite[] = [];
  readonly #partition: number;
  readonly #firstSequence: number;
  readonly #decided: DecidedEvents;
  readonly #credits = new TableRows(CREDITS);
  readonly #domainRows = new TableRows(DOMAIN_EVENTS);
  readonly #domainEvents: DomainEvent[] = [];
  /** Rows by which the block is measured: also those that are not inserted. */
  #size = 0;
  /** An actor had some of these records already: an earlier owner has inserted this block. */
  wasInserted = false;

  constructor(partition: number, firstSequence: number, openedAt: number) {
    this.#partition = partition;
    this.#decided = new DecidedEvents(partition);
    this.#firstSequence = firstSequence;
    this.openedAt = openedAt;
  }

  /** Whether the block must be closed before a record of this time and size is applied. */
  endsBefore(time: number, rows: number): boolean {
    return (
      time - this.openedAt >= limits.blockMs ||
      minuteOf(time) !== minuteOf(this.openedAt) ||
      (this.#size > 0 && this.#size + rows > limits.eventsPerBlock)
    );
  }

  add(batch: EventBatch, decision: Decision, sequence: number, row: number, time: number): void {
    this.#decided.add(batch, decision, sequence, row, time);
    this.#size++;
    const { attribution } = decision;
    if (attribution)
      addCredits(this.#credits, batch, attribution, decision, this.#partition, sequence, row, time);
  }

  /** Adds what happened to an actor with the record of a sequence. */
  addDomainEvents(events: readonly DomainEvent[], sequence: number): void {
    for (const event of events) {
      addDomainEvent(this.#domainRows, event, this.#partition, sequence);
      this.#domainEvents.push(event);
    }
  }

  /** Whether a record is not yet in what was restored of an actor. If it is, the block was inserted before. */
  isNewTo(cell: Cell, sequence: number): boolean {
    if (sequence > cell.restoredTo) return true;
    this.wasInserted = true;
    return false;
  }

  /**
   * Counts a row that is not added, because an earlier owner has added it already or because it is none after all:
   * the block must end where it ends for every owner.
   */
  skip(): void {
    this.#size++;
  }

  /** Closes the block: collects what its actors have to save, and pins them until that is done. */
  seal(lastSequence: number, time: number): SealedBlock {
    const documents: DocumentWrite[] = [...this.documents];
    const cells: CellWrite[] = [];
    const summaries: DocumentWrite[] = [];
    const aggregates = new TableRows(AGGREGATES);
    const entries = new TableRows(LEDGER_ENTRIES);
    const messages: Message[] = [];
    const orders: TransferOrder[] = [];
    for (const cell of this.touched) {
      const { actor } = cell;
      if (actor.exists) cell.pins++;
      actor.writeAggregates?.(aggregates, lastSequence);
      actor.writeLedger?.(entries, this.#partition);
      messages.push(...actor.takeMessages());
      orders.push(...(actor.takeTransfers?.() ?? []));
      for (const { name, ...document } of actor.save(lastSequence)) {
        const key = cell.documentKey(name);
        if (cell.isState(name)) cells.push({ cell, key, value: document.value as Uint8Array });
        else documents.push({ key, ...document });
      }
      const summary = cell.takeUnsavedSummary();
      if (summary)
        summaries.push({
          key: keys.summary(summary),
          value: Buffer.from(JSON.stringify(summary)),
          stored: { revision: undefined },
          isOlderThan: (found) => revisionOf(found) > summary.revision,
        });
    }
    const happened = this.#domainEvents;
    // An earlier owner that has inserted the block has put all of it into the outboxes, and not only this.
    if (!this.wasInserted) documents.push(...this.#outgoing(lastSequence, time, messages, orders));
    return {
      firstSequence: this.#firstSequence,
      lastSequence,
      time,
      inserts: this.wasInserted ? [] : this.#inserts(lastSequence, aggregates, entries),
      wasInserted: this.wasInserted,
      outgoing: { events: happened.length, messages: messages.length, transfers: orders.length },
      documents,
      cells,
      summaries,
    };
  }

  /** What the warehouse gets, in the order in which it gets it. */
  #inserts(lastSequence: number, aggregates: TableRows, entries: TableRows): WarehouseBlock[] {
    const token = `${this.#partition}:${this.#firstSequence}-${lastSequence}`;
    const inserts: WarehouseBlock[] = [];
    const insert = (table: Table, rows: Pick<TableRows, 'length' | 'take'>): void => {
      const { length } = rows;
      if (length > 0) inserts.push({ table, rows: length, data: rows.take(), token });
    };
    // Before the conversions themselves: who sees one sees to whom it is credited.
    insert('credits', this.#credits);
    insert('decided_events', this.#decided);
    insert('aggregates', aggregates);
    insert('ledger_entries', entries);
    insert('domain_events', this.#domainRows);
    return inserts;
  }

  /** The documents of what is to be done outside. */
  #outgoing(
    lastSequence: number,
    time: number,
    messages: readonly Message[],
    orders: readonly TransferOrder[],
  ): DocumentWrite[] {
    const documents: DocumentWrite[] = [];
    const partition = this.#partition;
    if (this.#domainEvents.length > 0)
      documents.push({ key: keys.outbox(partition, lastSequence), value: encodeEvents(this.#domainEvents) });
    if (messages.length > 0)
      documents.push({ key: keys.messages(partition, lastSequence), value: encodeOutgoing(messages, time) });
    if (orders.length > 0)
      documents.push({ key: keys.transfers(partition, lastSequence), value: encodeOrders(orders, time) });
    return documents;
  }
}

/** The log sequence that a saved summary was told at. */
function revisionOf(summary: Uint8Array): number {
  return (JSON.parse(Buffer.from(summary).toString()) as Summary).revision;
}
