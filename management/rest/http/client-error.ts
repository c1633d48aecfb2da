/** Answers requests that are not even HTTP, or come too slowly: below the router. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { httpProblem } from './problem.ts';

/** What Node's HTTP parser reports. */
interface ConnectionError extends Error {
  readonly code?: string;
}

export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemOfConnection(error);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${headers['content-type']}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function problemOfConnection(error: ConnectionError) {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return httpProblem(408, 'the request took too long');
    case 'HPE_HEADER_OVERFLOW':
      return httpProblem(431, 'the headers are too large');
    default:
      return httpProblem(400, 'this is not HTTP');
  }
}
