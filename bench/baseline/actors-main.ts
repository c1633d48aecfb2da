/**
 * The actors that one would write first: one message an event, from the stream into the mailbox of the
 * campaign's actor, acknowledged when it has dealt with it. `GET /counts` tells how many they have counted.
 * `node actors-main.js <nats url>`
 */
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import Fastify from 'fastify';
import { type BaselineEvent, EVENTS_STREAM } from './event.ts';

const [natsUrl] = process.argv.slice(2) as [string];
const CONSUMER = 'actors';
const IN_FLIGHT = 20_000;

/** Counts the events of a campaign, one after the other. */
class CampaignActor {
  impressions = 0;
  clicks = 0;
  conversions = 0;
  revenue = 0;
  #last: Promise<void> = Promise.resolve();

  tell(event: BaselineEvent): Promise<void> {
    this.#last = this.#last.then(() => this.#handle(event));
    return this.#last;
  }

  #handle(event: BaselineEvent): void {
    if (event.type === 'impression') this.impressions++;
    else if (event.type === 'click') this.clicks++;
    else this.conversions++;
    if (event.value !== undefined) this.revenue += Number(event.value);
  }
}

const actors = new Map<string, CampaignActor>();

function actorOf(campaignId: string): CampaignActor {
  let actor = actors.get(campaignId);
  if (actor === undefined) {
    actor = new CampaignActor();
    actors.set(campaignId, actor);
  }
  return actor;
}

const connection = await connect({ servers: natsUrl });
const manager = await jetstreamManager(connection);
await manager.consumers.add(EVENTS_STREAM, {
  durable_name: CONSUMER,
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: IN_FLIGHT,
});
const consumer = await jetstream(connection).consumers.get(EVENTS_STREAM, CONSUMER);

const app = Fastify();
app.get('/counts', async () => {
  let counted = 0;
  for (const { impressions, clicks, conversions } of actors.values())
    counted += impressions + clicks + conversions;
  return { counted };
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening ${new URL(address).port}`);

for await (const message of await consumer.consume({ max_messages: 1_000 })) {
  const event = message.json<BaselineEvent>();
  await actorOf(event.campaign_id).tell(event);
  message.ack();
}
