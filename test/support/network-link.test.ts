import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetworkLink } from './network-link.ts';
import { waitFor } from './wait.ts';

/** Collects what a socket receives. */
function received(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  return () => text;
}

describe('NetworkLink', () => {
  let server: Server;
  let link: NetworkLink;
  let client: Socket;

  beforeEach(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    link = await NetworkLink.start((server.address() as AddressInfo).port);
    client = connect(link.port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
  });

  afterEach(async () => {
    client.destroy();
    await link[Symbol.asyncDispose]();
    server.close();
  });

  test('carries what is sent, both ways', async () => {
    const echo = received(client);
    client.write('hello');
    await waitFor('the echo', () => echo() === 'hello');
  });

  test('carries a large body whole and in order', async () => {
    const echo = received(client);
    const text = Array.from({ length: 500_000 }, (_, index) => `${index},`).join('');
    client.write(text);
    await waitFor('the echo', () => echo().length === text.length);
    expect(echo()).toBe(text);
  });

  test('holds back what is sent while it is dead, and delivers it afterwards', async () => {
    const echo = received(client);
    client.write('before;');
    await waitFor('the first echo', () => echo() === 'before;');
    link.isDead = true;
    client.write('during;');
    const late = connect(link.port, '127.0.0.1');
    const lateEcho = received(late);
    late.write('late;');
    await once(late, 'connect');
    expect(echo()).toBe('before;');
    link.isDead = false;
    await waitFor('both echoes', () => echo() === 'before;during;' && lateEcho() === 'late;');
    late.destroy();
  });

  test('keeps the order when it becomes fast again', async () => {
    const echo = received(client);
    link.delayMs = 100;
    client.write('slow;');
    await new Promise(setImmediate);
    link.delayMs = 0;
    client.write('fast;');
    await waitFor('both echoes', () => echo().length === 10);
    expect(echo()).toBe('slow;fast;');
  });

  test('cuts the connections that it has, and takes new ones', async () => {
    const closed = once(client, 'close');
    link.cut();
    await closed;
    const next = connect(link.port, '127.0.0.1');
    const echo = received(next);
    next.write('again');
    await waitFor('the echo', () => echo() === 'again');
    next.destroy();
  });

  test('passes the end of a connection on after its data', async () => {
    const echo = received(client);
    link.delayMs = 30;
    client.end('last');
    await once(client, 'close');
    expect(echo()).toBe('last');
  });
});
