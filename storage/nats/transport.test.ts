import { Socket } from 'node:net';
import { NodeTransport } from '@nats-io/transport-node/lib/node_transport.js';
import { expect, test } from 'vitest';
import { guardConnections } from './transport.ts';

test('a socket that the client library has left alone may fail without ending the process', () => {
  guardConnections();
  const transport = new NodeTransport();
  const socket = new Socket();
  transport.socket = socket;
  transport.setupHandlers();
  transport.discard();
  expect(socket.listenerCount('data')).toBe(0);
  expect(() => socket.emit('error', new Error('write after end'))).not.toThrow();
});
