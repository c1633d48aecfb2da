import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { CollectorClient, chunks } from '../support/collector.ts';
import { seed, sizes } from '../support/environment.ts';
import { hostileRequest } from '../support/hostile-http.ts';
import { launchCampaign, liveMetrics } from '../support/management.ts';
import { Random } from '../support/random.ts';
import { exchange } from '../support/raw-http.ts';
import { Server } from '../support/server.ts';
import { countedTotals, makeTraffic } from '../support/traffic.ts';
import { waitFor } from '../support/wait.ts';

const LANES = 24;
const MAY_GROW_MIB = 512;

const portOf = (address: string): number => Number(new URL(address).port);

/** Every 5xx that is not overload, with the request that brought it about. */
type Offence = readonly [status: number, request: string];

/**
 * Whether an answer blames the server for what the client did. 503 is overload. 505 is how the HTTP
 * library refuses bytes that are no HTTP/1.1 request, and it is right then.
 */
function isOffence(status: number, isHttp: boolean): boolean {
  return status >= 500 && status !== 503 && (status !== 505 || isHttp);
}

test(`${sizes.hostileInputs} hostile inputs harm nobody (seed ${seed})`, async () => {
  const random = new Random(seed);
  await using server = await Server.start();
  await launchCampaign(server, 'target');
  await launchCampaign(server, 'signed', { key_policy: 'SIGNED' });
  await launchCampaign(server, 'valid');
  const ports = { ingest: portOf(server.addresses.ingest), http: portOf(server.addresses.http) };

  const offences: Offence[] = [];
  const answers = new Map<number, number>();
  let sent = 0;
  let peakMiB = 0;
  const lane = async (): Promise<void> => {
    while (sent < sizes.hostileInputs) {
      if (sent++ % 500 === 0) peakMiB = Math.max(peakMiB, server.process.residentMiB);
      const { bytes, ending, isHttp, to } = hostileRequest(random);
      const { statuses } = await exchange(ports[to], bytes, ending);
      for (const status of statuses) {
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (isOffence(status, isHttp)) offences.push([status, bytes.subarray(0, 400).toString('latin1')]);
      }
    }
  };
  const beforeMiB = server.process.residentMiB;

  const traffic = makeTraffic(new Random(seed + 1), ['valid'], 4_000);
  const batches = chunks(traffic.events, 5);
  await using client = new CollectorClient(server.addresses.ingest, 2);
  const honest = async (): Promise<void> => {
    for (const [index, batch] of batches.entries()) {
      // Spread over the whole attack.
      await waitFor('the attack', () => sent >= (index / batches.length) * sizes.hostileInputs, 600_000);
      await client.send(batch);
    }
  };
  await Promise.all([honest(), ...Array.from({ length: LANES }, lane)]);

  const told = [...answers].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(
    `answers ${told.join(', ')}; memory ${beforeMiB.toFixed(0)} → ${peakMiB.toFixed(0)} MiB at most`,
  );
  expect(offences).toEqual([]);
  expect(server.process.exit, server.process.output).toBeUndefined();
  expect((await fetch(`${server.addresses.ingest}/readyz`)).status).toBe(200);
  expect(countedTotals(await liveMetrics(server, 'valid'))).toEqual(traffic.expected.get('valid'));
  expect((await liveMetrics(server, 'signed')).accepted).toBe(0);
  expect(peakMiB).toBeLessThan(beforeMiB + MAY_GROW_MIB);
  expect((await server.terminate()).code).toBe(0);
}, 1_800_000);

test('clients that send too slowly are cut off while others are served', async () => {
  await using server = await Server.start();
  await launchCampaign(server, 'valid');
  const heads = [
    'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n[',
    'GET /p.gif HTTP/1.1\r\nhost: x\r\nx-slow: ',
  ];
  let open = 0;
  const sockets = Array.from({ length: 100 }, (_, i) => {
    const socket = connect(portOf(server.addresses.ingest), '127.0.0.1');
    open++;
    socket.on('error', () => undefined).on('close', () => open--);
    socket.write(heads[i % heads.length] as string);
    const drip = setInterval(() => socket.write(' '), 500);
    socket.on('close', () => clearInterval(drip));
    return socket;
  });
  try {
    await using client = new CollectorClient(server.addresses.ingest);
    const one = { event_id: 'one', type: 'click' as const, campaign_id: 'valid' };
    expect((await client.send([one])).accepted).toBe(1);
    await waitFor('all of them to be cut off', () => open === 0, 45_000);
    expect((await client.send([one])).duplicates).toBe(1);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test('bytes that are not gRPC harm nobody on the gRPC port', async () => {
  const random = new Random(seed + 2);
  await using server = await Server.start();
  const port = Number(server.addresses.grpc.split(':')[1]);
  for (let i = 0; i < 100; i++) {
    const preface = random.chance(0.5) ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' : '';
    const bytes = Buffer.concat([Buffer.from(preface), random.bytes(random.integer(1, 200))]);
    await exchange(port, bytes, random.chance(0.5) ? 'wait' : 'leave');
  }
  expect(server.process.exit, server.process.output).toBeUndefined();
  expect((await fetch(`${server.addresses.http}/readyz`)).status).toBe(200);
});
