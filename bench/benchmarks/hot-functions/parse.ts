/** From bytes to checked events, and to the campaigns that they belong to. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { NOON } from '../../../actors/test-support.ts';
import { decodeBody } from '../../../ingest/decode.ts';
import { identify } from '../../../ingest/identity.ts';
import type { IncomingEvent } from '../../../ingest/incoming-event.ts';
import { limits } from '../../../limits.ts';
import type { CampaignSummary } from '../../../model/campaign.ts';
import { arrivalAt, batchBody, campaignNames, directoryOf, SECRETS } from '../../samples.ts';
import type { HotFunction } from './list.ts';

const CAMPAIGNS = campaignNames(20);
const id = Type.String({ minLength: 1, maxLength: limits.idLength });
const parameter = Type.Optional(Type.String({ maxLength: limits.parameterLength }));

/** What the sample events hold, said as a schema. */
const EVENTS = Type.Array(
  Type.Object({
    event_id: id,
    type: Type.Union([Type.Literal('impression'), Type.Literal('click'), Type.Literal('conversion')]),
    campaign_id: id,
    partner_id: Type.Optional(id),
    content_id: Type.Optional(id),
    transaction_id: Type.Optional(id),
    goal: parameter,
    value: Type.Optional(Type.String({ pattern: '^\\d+(\\.\\d+)?$' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    sub1: parameter,
    utm_source: parameter,
  }),
  { maxItems: limits.eventsPerRequest },
);

export function parse(): HotFunction {
  const body = batchBody(CAMPAIGNS, 0);
  const schema = Compile(EVENTS);
  return {
    name: 'parse',
    ours: () => decodeBody(body, 'json', []),
    alternative: {
      name: 'JSON.parse and a compiled TypeBox schema',
      run() {
        if (!schema.Check(JSON.parse(body.toString()))) throw new Error('the sample does not fit the schema');
      },
    },
    why: 'fields are read by name into a row at once, with aliases, and one bad event does not refuse its neighbours',
  };
}

export function identification(): HotFunction {
  const directory = directoryOf(CAMPAIGNS);
  const events: IncomingEvent[] = [];
  decodeBody(batchBody(CAMPAIGNS, 0), 'json', events);
  const arrival = arrivalAt(directory, NOON);
  const options = { directory, clickSecrets: [SECRETS.clickSecret] };
  // As a cache in front of a database has it, whose look-ups may have to wait.
  const lookUp = async (campaignId: string): Promise<CampaignSummary | undefined> =>
    directory.get(campaignId);
  return {
    name: 'identify',
    ours() {
      for (const event of events) identify(event, arrival, options);
    },
    alternative: {
      name: 'a look-up of the campaign that may wait: one promise an event',
      async run() {
        for (const { campaignId } of events)
          if ((await lookUp(campaignId as string)) === undefined) throw new Error('no such campaign');
      },
    },
    why: 'the directory is a replica in memory, so nothing has to wait and a batch goes through in one go',
  };
}
