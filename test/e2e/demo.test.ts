import { expect, test } from 'vitest';
import { cleanEnvironment, sizes } from '../support/environment.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Server } from '../support/server.ts';

test(`the demo's own count of ${sizes.demoEvents} events is what the server shows, to the last cent`, async () => {
  await using server = await Server.start();
  const { ingest, http } = server.addresses;
  const environment = cleanEnvironment({
    TURNPIKE_INGEST_PORT: new URL(ingest).port,
    TURNPIKE_HTTP_PORT: new URL(http).port,
    TURNPIKE_GRPC_PORT: server.addresses.grpc.split(':')[1] as string,
  });
  const options = [TURNPIKE, 'demo', '--events', String(sizes.demoEvents)];
  await using demo = new TestProcess(process.execPath, options, environment);
  const { code } = await demo.exited;
  expect(code, demo.output).toBe(0);
  expect(demo.stdout).toMatch(/events\/s|per second/);
  console.log(demo.stdout.trim().split('\n').slice(-4).join('\n'));
}, 600_000);
