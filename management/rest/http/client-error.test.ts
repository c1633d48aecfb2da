import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { answerClientError } from './client-error.ts';

/** What is written to a connection on which this error occurred. */
function answerTo(code: string): string {
  let written = '';
  const socket = new Duplex({
    read() {},
    write(part, _encoding, done) {
      written += part;
      done();
    },
  });
  answerClientError(Object.assign(new Error('x'), { code }), socket as Socket);
  expect(socket.writableEnded || socket.destroyed).toBe(true);
  return written;
}

test.each([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'too_large'],
  ['HPE_INVALID_METHOD', '400 Bad Request', 'invalid_argument'],
])('%s is answered with %s', (error, status, code) => {
  const [head, body] = answerTo(error).split('\r\n\r\n') as [string, string];
  expect(head).toContain(`HTTP/1.1 ${status}`);
  expect(head).toContain(`content-length: ${body.length}`);
  expect(JSON.parse(body)).toMatchObject({ code });
});

test('nobody is answered who has gone', () => {
  expect(answerTo('ECONNRESET')).toBe('');
});
