import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import {
  connect,
  errors,
  headers,
  type NatsConnection,
  type PermissionViolationError,
} from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NatsServer } from '../../test/support/nats-server.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { ConnectionLost } from './link.ts';

const SILENT_MS = 30_000;
const USERS = `authorization { users: [
  { user: all, password: x }
  { user: writer, password: x, permissions: { publish: { deny: "t.forbidden" } } }
  { user: deaf, password: x, permissions: { subscribe: { deny: "_INBOX.>" } } }
] }`;

let server: NatsServer;
let connection: NatsConnection;
let acknowledgements: Acknowledgements;
beforeAll(async () => {
  server = await NatsServer.start({ configuration: USERS });
  const owner = await connect({ servers: server.url, user: 'all', pass: 'x' });
  const { streams } = await jetstreamManager(owner);
  await streams.add({ name: 'small', subjects: ['t.small', 't.forbidden'], max_msg_size: 100 });
  await owner.close();
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(() => open('all'));
afterEach(() => connection?.close());

async function open(user: string): Promise<void> {
  await connection?.close();
  connection = await connect({ servers: server.url, user, pass: 'x' });
  acknowledgements = new Acknowledgements(connection);
}

function publish(subject: string, withinMs = SILENT_MS, bytes = 1): Promise<number> {
  return acknowledgements.publish(subject, new Uint8Array(bytes), headers(), withinMs);
}

describe('a message that is published', () => {
  test('is acknowledged with its sequence, each its own', async () => {
    const first = await publish('t.small');
    const sequences = await Promise.all(Array.from({ length: 100 }, () => publish('t.small')));
    expect(sequences).toEqual(Array.from({ length: 100 }, (_, i) => first + 1 + i));
  });

  test('is refused for the reason that the server gives', async () => {
    await expect(publish('t.small', SILENT_MS, 200)).rejects.toThrow(JetStreamApiError);
  });

  test('says so where nobody takes it', async () => {
    await expect(publish('t.nobody')).rejects.toThrow(errors.NoRespondersError);
  });

  test('is given up when nothing is answered in time, and only then', async () => {
    connection.subscribe('t.silent', { callback: () => undefined });
    const late = publish('t.silent', 1);
    const [outcome] = await Promise.allSettled([late, publish('t.small')]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(errors.TimeoutError) });
  });

  test('fails with what all of them fail with', async () => {
    connection.subscribe('t.silent', { callback: () => undefined });
    const both = Promise.allSettled([publish('t.silent'), publish('t.silent')]);
    acknowledgements.fail(new ConnectionLost());
    for (const outcome of await both) expect(outcome).toMatchObject({ reason: expect.any(ConnectionLost) });
  });

  test('is not sent over a connection that was closed', async () => {
    await connection.close();
    await expect(publish('t.small')).rejects.toThrow(errors.ClosedConnectionError);
  });
});

describe('a message on a subject that is forbidden', () => {
  test('fails, and those on other subjects do not', async () => {
    await open('writer');
    const refusals: PermissionViolationError[] = [];
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error' && status.error instanceof errors.PermissionViolationError)
          refusals.push(status.error);
    })();
    const forbidden = publish('t.forbidden');
    const allowed = publish('t.small');
    await waitFor('the refusal', () => refusals.length > 0);
    acknowledgements.forbidden(refusals[0] as PermissionViolationError);
    await expect(forbidden).rejects.toThrow(errors.PermissionViolationError);
    expect(await allowed).toBeGreaterThan(0);
  });

  test('may be stored where it is the answer that is forbidden', async () => {
    await open('deaf');
    await expect(publish('t.small')).rejects.toThrow('cannot be heard');
    await open('all');
    expect(await publish('t.small')).toBeGreaterThan(1);
  });
});
