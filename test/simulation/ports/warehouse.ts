/**
 * The simulated warehouse, as ClickHouse behaves: an insert is all or nothing; a token that comes again is
 * dropped, whatever its rows; `aggregates` keep the row of the highest version when they are read.
 */
import { TABLES, type Table, type Warehouse, type WarehouseBlock } from '../../../storage/warehouse/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import { Violation, type World } from '../world.ts';
import { type Row, readRows } from './table-rows.ts';

const TIMEOUT_MS = 1_000;

function ofEachTable<Item>(): Readonly<Record<Table, Item[]>> {
  return Object.fromEntries(TABLES.map((table) => [table, []])) as unknown as Record<Table, Item[]>;
}

export class WarehouseServer extends Service {
  readonly rows = ofEachTable<Row>();
  /** Every block that was ever offered, by table and token. */
  readonly blocks = new Map<string, Uint8Array>();
  /** Tokens of each table that are known again, the oldest first. */
  readonly #recent = ofEachTable<string>();
  /** How many of them. */
  tokens = 100;
  /** What is wrong with what was offered. */
  readonly violations: Violation[] = [];
  /** Reads the rows of the aggregates as increments, and sums them. */
  sumsAggregates = false;

  constructor(world: World) {
    super(world, 'warehouse', TIMEOUT_MS);
  }

  insert({ table, token, data, rows }: WarehouseBlock, from: string): void {
    const key = `${table} ${token}`;
    const known = this.blocks.get(key);
    if (known !== undefined && Buffer.compare(known, data) !== 0)
      this.violations.push(new Violation(`${key} came from ${from} with other rows than before`));
    if (this.#recent[table].includes(token)) {
      this.world.note(this.name, `${key} from ${from} is known`);
      return;
    }
    this.#recent[table].push(token);
    if (this.#recent[table].length > this.tokens) this.#recent[table].shift();
    this.world.note(this.name, `${key} from ${from}: ${rows} rows`);
    this.blocks.set(key, new Uint8Array(data));
    const read = readRows(table, data);
    if (read.length !== rows)
      this.violations.push(new Violation(`${key} has ${read.length} rows, not ${rows}`));
    for (const row of read) this.rows[table].push(row);
  }

  /** The aggregates as a query with `FINAL` sees them. */
  finalAggregates(): Row[] {
    if (this.sumsAggregates) return this.rows.aggregates;
    const latest = new Map<string, Row>();
    for (const row of this.rows.aggregates) {
      const key = [row.campaign_id, row.partner_id, row.record_minute, row.event_hour].join('\n');
      const known = latest.get(key);
      if (known === undefined || (row.version as bigint) >= (known.version as bigint)) latest.set(key, row);
    }
    return [...latest.values()];
  }

  /** The warehouse as a process sees it. */
  handle(process: SimulatedProcess): Pick<Warehouse, 'insert'> {
    return {
      insert: (block) =>
        this.ask(
          process,
          () => `insert ${block.table} ${block.token} of ${process.name}`,
          () => this.insert(block, process.name),
          true,
        ),
    };
  }
}
