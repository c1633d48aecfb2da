/**
 * Echo services on the libraries of management: gRPC and REST servers that know one campaign and give it to
 * whoever asks for any: `node echo-main.js grpc <campaign in base 64>`, `node echo-main.js rest <campaign as JSON>`.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import Fastify from 'fastify';
import { Campaign } from '../../proto/generated/turnpike/v1/campaign.ts';
import { CampaignServiceService } from '../../proto/generated/turnpike/v1/campaign_service.ts';

const [kind, given] = process.argv.slice(2) as ['grpc' | 'rest', string];

async function grpc(): Promise<number> {
  const campaign = Campaign.decode(Buffer.from(given, 'base64'));
  const server = new Server();
  const { getCampaign } = CampaignServiceService;
  server.addService({ getCampaign }, { getCampaign: (_call: unknown, done: Answer) => done(null, campaign) });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

type Answer = (error: null, campaign: Campaign) => void;

async function rest(): Promise<number> {
  const campaign: unknown = JSON.parse(given);
  const app = Fastify();
  app.get('/v1/campaigns/:id', async () => campaign);
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
}

console.log(`listening ${await (kind === 'grpc' ? grpc() : rest())}`);
