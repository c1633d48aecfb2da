/** Rows that actors in memory have written, until the warehouse takes them: what blocks are elsewhere. */
import type { Decision } from '../../actors/campaign/decide.ts';
import { writeCredits } from '../../actors/partition/credit-row.ts';
import { writeDecidedEvent } from '../../actors/partition/decided-event-row.ts';
import { writeDomainEvent } from '../../actors/partition/domain-event-row.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { RowBinaryWriter } from '../../model/row-binary.ts';
import type { Table, WarehouseBlock } from '../../storage/warehouse/port.ts';

const TABLES = ['decided_events', 'credits', 'ledger_entries', 'domain_events'] as const satisfies Table[];
type WrittenTable = (typeof TABLES)[number];

export class WaitingRows {
  readonly #partition: number;
  readonly #tables = new Map<WrittenTable, { readonly writer: RowBinaryWriter; rows: number }>(
    TABLES.map((table) => [table, { writer: new RowBinaryWriter(), rows: 0 }]),
  );
  #taken = 0;

  constructor(partition: number) {
    this.#partition = partition;
  }

  addEvent(batch: EventBatch, decision: Decision, sequence: number, row: number, time: number): void {
    const { attribution } = decision;
    this.#write('decided_events', (writer) => {
      writeDecidedEvent(writer, batch, decision, this.#partition, sequence, row, time);
      return 1;
    });
    if (attribution)
      this.#write('credits', (writer) =>
        writeCredits(writer, batch, attribution, decision, this.#partition, sequence, row, time),
      );
  }

  addDomainEvents(events: readonly DomainEvent[], sequence: number): void {
    this.#write('domain_events', (writer) => {
      for (const event of events) writeDomainEvent(writer, event, this.#partition, sequence);
      return events.length;
    });
  }

  /** @param write gives how many rows it has written */
  addLedger(write: (writer: RowBinaryWriter) => number): void {
    this.#write('ledger_entries', write);
  }

  take(): WarehouseBlock[] {
    this.#taken++;
    const blocks: WarehouseBlock[] = [];
    for (const [table, waiting] of this.#tables) {
      if (waiting.rows === 0) continue;
      blocks.push({ table, rows: waiting.rows, data: waiting.writer.take(), token: String(this.#taken) });
      waiting.rows = 0;
    }
    return blocks;
  }

  #write(table: WrittenTable, write: (writer: RowBinaryWriter) => number): void {
    const waiting = this.#tables.get(table);
    if (waiting) waiting.rows += write(waiting.writer);
  }
}
