/** Rows for the warehouse: decided events as columns that ClickHouse takes as they are. */

import { Decision } from '../../../actors/campaign/decide.ts';
import { OpenBlock } from '../../../actors/partition/block.ts';
import { NOON } from '../../../actors/test-support.ts';
import { REASONS } from '../../../model/decision.ts';
import { STRING_FIELDS } from '../../../model/event.ts';
import { EventBatch } from '../../../model/event-batch.ts';
import { batchBody, campaignNames, directoryOf, recordOf } from '../../samples.ts';
import type { HotFunction } from './list.ts';

const CAMPAIGNS = campaignNames(20);

export function block(): HotFunction {
  const record = recordOf(batchBody(CAMPAIGNS, 0), directoryOf(CAMPAIGNS));
  const batch = new EventBatch(record);
  const decision = new Decision();
  decision.reset(REASONS.accepted);
  return {
    name: 'block',
    ours() {
      const open = new OpenBlock(0, 1, NOON);
      batch.rewind();
      for (let row = 0; row < batch.rows; row++) {
        batch.seek(row);
        open.add(batch, decision, 1, row, NOON);
      }
      return open.seal(1, NOON);
    },
    alternative: {
      name: 'an object a row, as lines of JSON',
      run() {
        let lines = '';
        batch.rewind();
        for (let row = 0; row < batch.rows; row++) {
          batch.seek(row);
          lines += `${JSON.stringify(jsonRow(batch, row, decision))}\n`;
        }
        return Buffer.from(lines);
      },
    },
    why: 'columns: strings go into theirs when the block is closed, those that rows share once, and the warehouse has nothing to parse',
  };
}

function jsonRow(batch: EventBatch, row: number, decision: Decision): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    partition: 0,
    sequence: 1,
    row,
    record_time: NOON,
    occurred_at: batch.occurredAt,
    type: batch.type,
    value_micros: batch.valueMicros,
    reason: decision.reason,
    spend_micros: decision.spendMicros,
  };
  STRING_FIELDS.forEach(({ column }, field) => {
    fields[column] = batch.string(field) ?? '';
  });
  return fields;
}
