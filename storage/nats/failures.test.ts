import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { fateOf } from './failures.ts';
import { ConnectionLost } from './link.ts';

const api = (err_code: number): JetStreamApiError =>
  new JetStreamApiError({ code: 400, err_code, description: 'x' });

describe('a message whose publication failed', () => {
  test('may be stored where nothing was answered', () => {
    for (const error of [
      new errors.TimeoutError(),
      new ConnectionLost(),
      new errors.RequestError('connection closed'),
    ])
      expect(fateOf(error)).toBe('unknown');
  });

  test('is not stored where nobody takes messages, and may be taken later', () => {
    const nobody = new errors.RequestError('', { cause: new errors.NoRespondersError('subject') });
    expect(fateOf(nobody)).toBe('absent');
    expect(fateOf(new Error('jetstream is not enabled', { cause: nobody }))).toBe('absent');
    expect(fateOf(api(10008))).toBe('absent');
  });

  test('is refused where the server says why', () => {
    for (const code of [10023, 10047, 10054, 10059, 10077]) expect(fateOf(api(code))).toBe('refused');
    expect(fateOf(new errors.InvalidArgumentError('max_payload'))).toBe('refused');
    expect(fateOf(new errors.ClosedConnectionError())).toBe('refused');
    const forbidden = new errors.PermissionViolationError('x', 'publish', 'subject');
    expect(fateOf(new errors.RequestError('', { cause: forbidden }))).toBe('refused');
  });

  test('is in conflict where the last message is another than expected', () => {
    expect(fateOf(api(10071))).toBe('conflict');
  });
});
