import { describe, expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { httpAddress } from './server-address.ts';

const NATS = { TURNPIKE_NATS_URL: 'nats://nats.example' };

describe('httpAddress', () => {
  test.each([
    [{}, 'http://127.0.0.1:8080'],
    [{ TURNPIKE_INGEST_PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ TURNPIKE_HOST: '::1' }, 'http://[::1]:8080'],
    [{ TURNPIKE_HOST: '0.0.0.0', TURNPIKE_ROLES: 'ingest', ...NATS }, 'http://127.0.0.1:8080'],
    [{ TURNPIKE_HOST: '::', TURNPIKE_ROLES: 'ingest', ...NATS }, 'http://[::1]:8080'],
  ])('of %j is %s', (environment, address) => {
    expect(httpAddress(loadConfig(environment), 'ingestPort', '--collector')).toBe(address);
  });

  test('cannot be known if the port is any free one', () => {
    expect(() => httpAddress(loadConfig({ TURNPIKE_HTTP_PORT: '0' }), 'httpPort', '--api')).toThrow(
      'TURNPIKE_HTTP_PORT is 0, any free port: say --api as in the ready line',
    );
  });
});
