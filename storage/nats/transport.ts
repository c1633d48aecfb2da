/**
 * Keeps a breaking connection from ending the process. Where a server reads nothing for a while and then
 * hangs up, the client library stops listening to its socket while a write to it is about to fail: the
 * socket's `error` event, which nobody hears any more, is thrown as an uncaught exception. By then the
 * library has noticed the loss, so the event tells nothing new.
 */
import type { Socket } from 'node:net';
import { NodeTransport } from '@nats-io/transport-node/lib/node_transport.js';

const { setupHandlers } = NodeTransport.prototype;

/** Makes connections that are opened from now on keep listening. It may be called several times. */
export function guardConnections(): void {
  NodeTransport.prototype.setupHandlers = function guarded(this: NodeTransport): void {
    setupHandlers.call(this);
    keepListening(this.socket);
  };
}

function keepListening(socket: Socket): void {
  const { removeAllListeners } = socket;
  socket.removeAllListeners = (...events: [event?: string | symbol]) => {
    removeAllListeners.apply(socket, events);
    return socket.on('error', () => undefined);
  };
}
