/** Makes increments of the absolute values in blocks of aggregates, as a worker would that remembers what it wrote. */
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { AGGREGATES } from '../../storage/warehouse/schema.ts';
import { readRows } from './ports/row-binary-reader.ts';

const SUMS = AGGREGATES.filter(({ name, type }) => name !== 'version' && /^U?Int64$/.test(type));

/** A worker's memory of what it has written, empty at first. */
export function incrementsOf(): (block: WarehouseBlock) => WarehouseBlock {
  const written = new Map<string, bigint>();
  const made = new Map<string, WarehouseBlock>();
  return (block) => {
    const known = made.get(block.token);
    if (known !== undefined) return known;
    const data = Buffer.from(block.data);
    let at = 0;
    for (const row of readRows('aggregates', block.data)) {
      const key = `${row.campaign_id}\n${row.partner_id}\n${row.record_minute}\n${row.event_hour}`;
      at += sizeOf(row.campaign_id as string) + sizeOf(row.partner_id as string) + 8;
      for (const { name } of SUMS) {
        const value = row[name] as bigint;
        const before = written.get(`${key}\n${name}`) ?? 0n;
        written.set(`${key}\n${name}`, value);
        data.writeBigInt64LE(value - before, at);
        at += 8;
      }
      at += 8;
    }
    const increments = { ...block, data };
    made.set(block.token, increments);
    return increments;
  };
}

function sizeOf(text: string): number {
  return 1 + Buffer.byteLength(text);
}
