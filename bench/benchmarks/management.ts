/** Management calls: what do they cost beyond their library? */
import {
  CampaignServiceService,
  GetCampaignRequest,
} from '../../proto/generated/turnpike/v1/campaign_service.ts';
import { GrpcClient } from '../../test/management/grpc-client.ts';
import { rest } from '../../test/support/management.ts';
import type { Bench, Benchmark } from '../benchmark.ts';
import { WARM_UP_MS } from '../load/event-load.ts';
import type { LoadKind, LoadResult } from '../load/load.ts';
import { inTurn, resultsOf } from '../measure.ts';
import { Resources } from '../resources.ts';
import { type Row, rowOf } from '../row.ts';
import { Program } from '../servers/program.ts';
import { Turnpike } from '../servers/turnpike.ts';
import { median } from '../statistics.ts';

const CONNECTIONS = 32;
const OURS = 'Turnpike';
const ECHO = new URL('../servers/echo-main.js', import.meta.url);

export const management: Benchmark = {
  name: 'management',
  question: 'Management calls: how near to an echo service on the same library?',
  async run(bench) {
    await using resources = new Resources();
    const { profileFolder } = bench;
    const system = resources.use(await Turnpike.start({ engines: 'embedded', campaigns: 1, profileFolder }));
    const campaignId = system.campaignIds[0] as string;
    const path = `/v1/campaigns/${campaignId}`;
    const echo = async (kind: string, campaign: string): Promise<Program> =>
      resources.use(await Program.start(ECHO, [kind, campaign]));
    const restEcho = await echo('rest', JSON.stringify((await rest(system.server, 'GET', path)).body));
    const grpcEcho = await echo('grpc', (await campaignBytes(system, campaignId)).toString('base64'));
    const request = Buffer.from(GetCampaignRequest.encode(requestOf(campaignId)).finish());
    const grpcPort = Number(system.server.addresses.grpc.split(':')[1]);
    return [
      await measure(bench, 'rest', { kind: 'fixed', method: 'GET', path }, system, system.httpPort, restEcho),
      await measure(
        bench,
        'grpc',
        { kind: 'grpc', path: CampaignServiceService.getCampaign.path, request: request.toString('base64') },
        system,
        grpcPort,
        grpcEcho,
      ),
    ];
  },
};

function requestOf(campaignId: string): GetCampaignRequest {
  return GetCampaignRequest.fromPartial({ campaignId });
}

async function campaignBytes(system: Turnpike, campaignId: string): Promise<Buffer> {
  using client = new GrpcClient(system.server.addresses.grpc);
  const campaign = await client.call('getCampaign', requestOf(campaignId));
  return CampaignServiceService.getCampaign.responseSerialize(campaign);
}

async function measure(
  bench: Bench,
  name: 'rest' | 'grpc',
  what: LoadKind,
  system: Turnpike,
  port: number,
  echo: Program,
): Promise<Row> {
  const reference =
    name === 'rest' ? 'a Fastify route that gives the same object' : 'a grpc-js echo of the same message';
  const run = (at: number, pids: readonly number[]): Promise<LoadResult> =>
    bench.generator.run({
      ...{ port: at, what, connections: CONNECTIONS, rate: 0, pids },
      ...{ warmUpMs: WARM_UP_MS, durationMs: bench.loadMs },
    });
  const subjects = [
    { name: reference, run: () => run(echo.port, [echo.pid]) },
    { name: OURS, run: () => run(port, system.pids) },
  ];
  const results = await inTurn(subjects, bench.longRuns, (line) => bench.tell(`management ${name}: ${line}`));
  const samples = (of: string): number[] =>
    resultsOf(results, of).map(({ measured, windowMs }) => (measured * 1_000) / windowMs);
  const busy = (of: string): string => {
    const loads = resultsOf(results, of);
    const generator = median(loads.map(({ ownMs, windowMs }) => ownMs / windowMs));
    const server = median(loads.map(({ theirsMs, windowMs }) => theirsMs / windowMs));
    return `${of}: processors busy: generator ${generator.toFixed(2)}, server ${server.toFixed(2)}`;
  };
  return rowOf({
    name: `management-${name}`,
    question: management.question,
    unit: 'calls/s',
    samples: samples(OURS),
    reference: { name: reference, samples: samples(reference) },
    aims: [{ of: 'ratio', atLeast: 0.6 }],
    notes: ['GetCampaign, which asks the campaign’s actor', busy(OURS), busy(reference)],
  });
}
