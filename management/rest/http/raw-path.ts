/**
 * Requests whose path holds bytes beyond ASCII as they are, such as `GET /tracking/campañas/…` from curl. Node's
 * parser takes them for no HTTP, so they are read here: encoded as they should have been, they are served.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** What Node's HTTP parser reports. */
export interface ParserError extends Error {
  readonly code?: string;
  /** What was being read: a `Buffer`. */
  readonly rawPacket?: unknown;
  /** How much of it was read. */
  readonly bytesParsed?: number;
}

interface RawRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Serves the request that could not be parsed, if it is one of these. @returns whether it is */
export function serveRawPath(
  app: FastifyInstance,
  error: ParserError,
  socket: Socket,
  logger: Logger,
): boolean {
  const request = rawRequestOf(error);
  if (request === undefined) return false;
  app.inject(request).then(
    ({ statusCode, statusMessage, headers, rawPayload }) => {
      const kept = Object.entries({ ...headers, connection: 'close' }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${kept.join('\r\n')}\r\n\r\n`);
      socket.end(request.method === 'HEAD' ? '' : rawPayload);
    },
    (failure: unknown) => {
      logger.error({ err: failure, url: request.url }, 'request failed');
      socket.destroy();
    },
  );
  return true;
}

/** A request without a body that begins the packet, and whose head is in it whole. */
function rawRequestOf({ code, rawPacket, bytesParsed = 0 }: ParserError): RawRequest | undefined {
  if (code !== 'HPE_INVALID_URL' || !Buffer.isBuffer(rawPacket)) return undefined;
  const text = rawPacket.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const [, method, path] = /^(GET|HEAD) (\/[\x21-\x7e\x80-\xff]*) HTTP\/1\.[01]$/.exec(line) ?? [];
  if (path === undefined || bytesParsed > line.length) return undefined;
  return {
    method: method as RawRequest['method'],
    url: encodeRawBytes(path),
    headers: Object.fromEntries(lines.flatMap(headerOf)),
  };
}

function headerOf(line: string): [name: string, value: string][] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
}

function encodeRawBytes(path: string): string {
  return path.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
