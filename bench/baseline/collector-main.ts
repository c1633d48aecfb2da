/**
 * The collector that one would write first: Fastify, and for each event one `SET NX` and one publication to
 * JetStream. It knows nothing of campaigns, prices or budgets, and has no warehouse.
 * `node collector-main.js <nats url> <redis url>`
 */
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { type BaselineEvent, EVENTS_STREAM, eventSubject } from './event.ts';

const [natsUrl, redisUrl] = process.argv.slice(2) as [string, string];
const ID_SECONDS = 3_600;
const BODY_BYTES = 2 * 1024 * 1024;

const connection = await connect({ servers: natsUrl });
const manager = await jetstreamManager(connection);
await manager.streams.add({
  name: EVENTS_STREAM,
  subjects: [eventSubject('*')],
  storage: StorageType.File,
});
const log = jetstream(connection);
const redis = new Redis(redisUrl);

/** @returns whether it is new */
async function take(event: BaselineEvent): Promise<boolean> {
  const isNew = await redis.set(`event:${event.event_id}`, '1', 'EX', ID_SECONDS, 'NX');
  if (isNew === null) return false;
  await log.publish(eventSubject(event.campaign_id), JSON.stringify(event));
  return true;
}

const app = Fastify({ bodyLimit: BODY_BYTES });
app.post('/v1/events', async (request, reply) => {
  const events = [request.body as BaselineEvent | BaselineEvent[]].flat();
  const taken = await Promise.all(events.map(take));
  const accepted = taken.filter((isNew) => isNew).length;
  return reply.code(202).send({
    accepted,
    duplicates: events.length - accepted,
    rejected: 0,
    results: events.map(({ event_id }, index) => ({
      event_id,
      status: taken[index] ? 'accepted' : 'duplicate',
    })),
  });
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening ${new URL(address).port}`);
