/** Makes increments of the absolute values in blocks of aggregates, as a worker would that remembers what it wrote. */
import { TableRows } from '../../model/columns/table-rows.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { AGGREGATES } from '../../storage/warehouse/schema.ts';
import { readRows } from './ports/table-rows.ts';

const SUMS = new Set(
  AGGREGATES.filter(({ name, type }) => name !== 'version' && /^U?Int64$/.test(type)).map(({ name }) => name),
);

/** A worker's memory of what it has written, empty at first. */
export function incrementsOf(): (block: WarehouseBlock) => WarehouseBlock {
  const written = new Map<string, bigint>();
  const made = new Map<string, WarehouseBlock>();
  return (block) => {
    const known = made.get(block.token);
    if (known !== undefined) return known;
    const rows = new TableRows(AGGREGATES);
    for (const row of readRows('aggregates', block.data)) {
      const key = `${row.campaign_id}\n${row.partner_id}\n${row.record_minute}\n${row.event_hour}`;
      const increments = AGGREGATES.map(({ name }) => {
        const value = row[name] ?? 0n;
        if (!SUMS.has(name)) return value;
        const before = written.get(`${key}\n${name}`) ?? 0n;
        written.set(`${key}\n${name}`, value as bigint);
        return (value as bigint) - before;
      });
      rows.add(...increments);
    }
    const increments = { ...block, data: rows.take() };
    made.set(block.token, increments);
    return increments;
  };
}
