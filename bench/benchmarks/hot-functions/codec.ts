/** Records: events on their way into the log and out of it. */
import { NOON } from '../../../actors/test-support.ts';
import { RecordWriter } from '../../../ingest/record-writer.ts';
import { WaitingBatch } from '../../../ingest/waiting-batch.ts';
import { EventBatch, FIELD } from '../../../model/event-batch.ts';
import { admitted, batchBody, campaignNames, directoryOf, recordOf, SECRETS } from '../../samples.ts';
import type { HotFunction } from './list.ts';

const CAMPAIGNS = campaignNames(20);

/** The same facts, as one would put them into a queue. */
interface PlainEvent {
  readonly campaignId: string;
  readonly type: number;
  readonly valueMicros: number;
}

export function encode(): HotFunction {
  const directory = directoryOf(CAMPAIGNS);
  const events = admitted(batchBody(CAMPAIGNS, 0), directory);
  const batch = WaitingBatch.take();
  for (const event of events) batch.add(event, SECRETS, NOON);
  const writer = new RecordWriter();
  const plain = plainEvents();
  return {
    name: 'encode',
    ours: () => writer.write(batch, 0),
    alternative: { name: 'JSON.stringify of the same events', run: () => Buffer.from(JSON.stringify(plain)) },
    why: 'columns: strings that neighbours share are stored once, the rest in one call; about a third of the bytes',
  };
}

export function decode(): HotFunction {
  const record = recordOf(batchBody(CAMPAIGNS, 0), directoryOf(CAMPAIGNS));
  const json = Buffer.from(JSON.stringify(plainEvents()));
  return {
    name: 'decode',
    ours() {
      const batch = new EventBatch(record);
      let sum = 0;
      for (let row = 0; row < batch.rows; row++) {
        batch.seek(row);
        sum += batch.stringAt(batch.stringRef(FIELD.campaignId)).length + batch.type + batch.valueMicros;
      }
      return sum;
    },
    alternative: {
      name: 'JSON.parse of the same events',
      run() {
        let sum = 0;
        for (const event of JSON.parse(json.toString()) as PlainEvent[])
          sum += event.campaignId.length + event.type + event.valueMicros;
        return sum;
      },
    },
    why: 'an actor reads three of thirty fields: the others are never made into strings',
  };
}

function plainEvents(): (PlainEvent & Record<string, unknown>)[] {
  return admitted(batchBody(CAMPAIGNS, 0), directoryOf(CAMPAIGNS)).map((event) => ({
    campaignId: event.campaignId as string,
    type: event.type,
    valueMicros: event.valueMicros,
    occurredAt: event.occurredAt,
    flags: event.flags,
    ...Object.fromEntries(
      Object.entries(FIELD).flatMap(([name, field]) => {
        const text = event.get(field);
        return text === undefined ? [] : [[name, text]];
      }),
    ),
  }));
}
