/** Rows that actors in memory have written, until the warehouse takes them: what blocks are elsewhere. */
import type { Decision } from '../../actors/campaign/decide.ts';
import { addCredits } from '../../actors/partition/credit-row.ts';
import { DecidedEvents } from '../../actors/partition/decided-events.ts';
import { addDomainEvent } from '../../actors/partition/domain-event-row.ts';
import { TableRows } from '../../model/columns/table-rows.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import type { Table, WarehouseBlock } from '../../storage/warehouse/port.ts';
import { CREDITS, DOMAIN_EVENTS, LEDGER_ENTRIES } from '../../storage/warehouse/schema.ts';

export class WaitingRows {
  readonly #partition: number;
  #decided: DecidedEvents;
  readonly #credits = new TableRows(CREDITS);
  /** Entries of the partners' books. */
  readonly ledger = new TableRows(LEDGER_ENTRIES);
  readonly #domainEvents = new TableRows(DOMAIN_EVENTS);
  #taken = 0;

  constructor(partition: number) {
    this.#partition = partition;
    this.#decided = new DecidedEvents(partition);
  }

  addEvent(batch: EventBatch, decision: Decision, sequence: number, row: number, time: number): void {
    this.#decided.add(batch, decision, sequence, row, time);
    const { attribution } = decision;
    if (attribution)
      addCredits(this.#credits, batch, attribution, decision, this.#partition, sequence, row, time);
  }

  addDomainEvents(events: readonly DomainEvent[], sequence: number): void {
    for (const event of events) addDomainEvent(this.#domainEvents, event, this.#partition, sequence);
  }

  take(): WarehouseBlock[] {
    const token = String(++this.#taken);
    const waiting: [Table, Pick<TableRows, 'length' | 'take'>][] = [
      ['decided_events', this.#decided],
      ['credits', this.#credits],
      ['ledger_entries', this.ledger],
      ['domain_events', this.#domainEvents],
    ];
    this.#decided = new DecidedEvents(this.#partition);
    return waiting.flatMap(([table, rows]) => {
      const { length } = rows;
      return length === 0 ? [] : [{ table, rows: length, data: rows.take(), token }];
    });
  }
}
