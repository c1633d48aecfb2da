/**
 * Requests that ask for another protocol on their connection. Those for WebSocket go the way of every request, so
 * that the same hooks and errors apply, and their route may take the connection over; HTTP answers all others as if
 * they had not asked, as clients that would rather speak HTTP/2 expect.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** A connection that may be taken over, and what has come on it behind the request. */
export interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Pending extends Upgrade {
  readonly response: ServerResponse;
}

const pending = new WeakMap<IncomingMessage, Pending>();

/** Whether a request asks for WebSocket, by a method that may. */
export function asksForWebSocket({ method, headers: { upgrade } }: IncomingMessage): boolean {
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket';
}

/** Takes the connection of a request over: HTTP answers nothing on it any more. */
export function takeOver(request: IncomingMessage): Upgrade {
  const found = pending.get(request);
  if (!found) throw new Error('the request does not ask for another protocol');
  const { response, socket, head } = found;
  pending.delete(request);
  // As long as it is assigned, the connection is that of an answer.
  response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
  return { socket, head };
}

/** To be called once for a server. */
export function routeUpgrades(app: FastifyInstance): void {
  /** The last answer that was begun on each connection: they are given in the order of the requests. */
  const answers = new WeakMap<Duplex, ServerResponse>();
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answers.set(socket, response);
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const serve = (): void => {
      if (socket.destroyed) return;
      if (asksForWebSocket(request)) route(app, request, socket, head);
      else serveWithout(app.server, request, socket, head);
    };
    // Who has sent it together with an earlier request is answered that one first.
    const before = answers.get(socket);
    if (before === undefined || before.closed) serve();
    else before.once('close', serve);
  });
}

function route(app: FastifyInstance, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // Whoever asked may go away at any moment; that is no error of anybody.
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(request);
  response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
  response.shouldKeepAlive = false;
  response.on('finish', () => socket.end());
  pending.set(request, { socket, head, response });
  app.routing(request, response);
}

/** Headers that ask for another protocol. */
const ASKING = new Set(['upgrade', 'http2-settings']);

/** Gives the connection back to the server, with the request as it is without its wish. */
function serveWithout(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    if (ASKING.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutWish(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function withoutWish(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !ASKING.has(option.toLowerCase())).join(', ');
}
