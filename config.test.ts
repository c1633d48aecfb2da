import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

/** Engines that processes can share. */
const SHARED = {
  TURNPIKE_NATS_URL: 'nats://nats.example:4222',
  TURNPIKE_CLICKHOUSE_URL: 'http://clickhouse.example:8123',
};

/** The message with which an environment is refused. */
function refusal(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  test('gives the defaults for an empty environment', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      ingestPort: 8080,
      httpPort: 8081,
      grpcPort: 50051,
      dataDir: resolve('data'),
      partitions: 16,
      workers: Math.max(1, availableParallelism() - 1),
      roles: new Set(['ingest', 'actors', 'management']),
      natsUrl: undefined,
      natsReplicas: 1,
      redisUrl: undefined,
      clickhouseUrl: undefined,
      allowedOrigins: [],
      trustedProxies: [],
      sharePort: false,
      webhookPrivateAddresses: false,
      gateway: 'simulated',
      simulatedGateway: {
        latencyMs: 20,
        declines: 0,
        timeoutsBefore: 0,
        timeoutsAfter: 0,
        deferred: 0,
        reversals: 0,
        duplicateNotices: 0,
        reorderedNotices: 0,
        seed: 1,
      },
      logRetentionMs: 72 * 3_600_000,
      logBytes: 2 ** 30,
      logLevel: 'info',
    });
  });

  test('gives a frozen object', () => {
    const config = loadConfig({ TURNPIKE_ALLOWED_ORIGINS: 'https://shop.example' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.allowedOrigins)).toBe(true);
  });

  test('reads every setting', () => {
    const config = loadConfig({
      TURNPIKE_HOST: '::1',
      TURNPIKE_INGEST_PORT: '0',
      TURNPIKE_HTTP_PORT: '0',
      TURNPIKE_GRPC_PORT: '65535',
      TURNPIKE_DATA_DIR: '/var/lib/turnpike',
      TURNPIKE_PARTITIONS: '1024',
      TURNPIKE_WORKERS: '3',
      TURNPIKE_ROLES: 'management, ingest',
      TURNPIKE_NATS_URL: 'tls://nats.example:4222',
      TURNPIKE_NATS_REPLICAS: '3',
      TURNPIKE_REDIS_URL: 'rediss://user:secret@redis.example:6380/1',
      TURNPIKE_CLICKHOUSE_URL: 'https://clickhouse.example',
      TURNPIKE_ALLOWED_ORIGINS: 'https://shop.example, http://localhost:3000',
      TURNPIKE_TRUSTED_PROXIES: '10.0.0.0/8, fd00::1',
      TURNPIKE_DATACENTRE_RANGES: '/etc/data-centres.txt',
      TURNPIKE_SHARE_PORT: 'true',
      TURNPIKE_WEBHOOK_PRIVATE_ADDRESSES: 'true',
      TURNPIKE_GATEWAY: 'stripe',
      TURNPIKE_STRIPE_SECRET_KEY: 'sk_test_example',
      TURNPIKE_STRIPE_URL: 'http://127.0.0.1:12111/',
      TURNPIKE_STRIPE_WEBHOOK_SECRET: 'whsec_example',
      TURNPIKE_SIMULATED_GATEWAY_LATENCY_MS: '500',
      TURNPIKE_SIMULATED_GATEWAY_DECLINES: '0.05',
      TURNPIKE_SIMULATED_GATEWAY_TIMEOUTS_BEFORE: '.1',
      TURNPIKE_SIMULATED_GATEWAY_TIMEOUTS_AFTER: '1',
      TURNPIKE_SIMULATED_GATEWAY_DEFERRED: '1.0',
      TURNPIKE_SIMULATED_GATEWAY_REVERSALS: '0.000001',
      TURNPIKE_SIMULATED_GATEWAY_DUPLICATE_NOTICES: '0.5',
      TURNPIKE_SIMULATED_GATEWAY_REORDERED_NOTICES: '0.25',
      TURNPIKE_SIMULATED_GATEWAY_SEED: '42',
      TURNPIKE_LOG_RETENTION: '7d',
      TURNPIKE_LOG_SIZE: '100GiB',
      TURNPIKE_LOG_LEVEL: 'warn',
    });
    expect(config).toEqual({
      host: '::1',
      ingestPort: 0,
      httpPort: 0,
      grpcPort: 65_535,
      dataDir: '/var/lib/turnpike',
      partitions: 1_024,
      workers: 3,
      roles: new Set(['ingest', 'management']),
      natsUrl: 'tls://nats.example:4222',
      natsReplicas: 3,
      redisUrl: 'rediss://user:secret@redis.example:6380/1',
      clickhouseUrl: 'https://clickhouse.example',
      allowedOrigins: ['https://shop.example', 'http://localhost:3000'],
      trustedProxies: ['10.0.0.0/8', 'fd00::1'],
      dataCentreRanges: '/etc/data-centres.txt',
      sharePort: true,
      webhookPrivateAddresses: true,
      gateway: 'stripe',
      stripeSecretKey: 'sk_test_example',
      stripeUrl: 'http://127.0.0.1:12111',
      stripeWebhookSecret: 'whsec_example',
      simulatedGateway: {
        latencyMs: 500,
        declines: 0.05,
        timeoutsBefore: 0.1,
        timeoutsAfter: 1,
        deferred: 1,
        reversals: 0.000001,
        duplicateNotices: 0.5,
        reorderedNotices: 0.25,
        seed: 42,
      },
      logRetentionMs: 7 * 86_400_000,
      logBytes: 100 * 2 ** 30,
      logLevel: 'warn',
    });
  });

  test('takes an empty variable for an unset one', () => {
    expect(loadConfig({ TURNPIKE_INGEST_PORT: '', TURNPIKE_NATS_URL: ' ' })).toEqual(loadConfig({}));
  });

  test('does not mind variables of others', () => {
    expect(loadConfig({ HOME: '/tmp', turnpike_host: 'x' })).toEqual(loadConfig({}));
  });

  test.each([
    ['TURNPIKE_HOST', 'not a host'],
    ['TURNPIKE_HOST', '127.0.0.300'],
    ['TURNPIKE_HOST', '[::1]'],
    ['TURNPIKE_HOST', 'x'.repeat(254)],
    ['TURNPIKE_INGEST_PORT', '65536'],
    ['TURNPIKE_INGEST_PORT', '-1'],
    ['TURNPIKE_HTTP_PORT', '80.5'],
    ['TURNPIKE_HTTP_PORT', '0x50'],
    ['TURNPIKE_GRPC_PORT', 'http'],
    ['TURNPIKE_DATA_DIR', 'a\0b'],
    ['TURNPIKE_PARTITIONS', '0'],
    ['TURNPIKE_PARTITIONS', '1025'],
    ['TURNPIKE_WORKERS', '0'],
    ['TURNPIKE_WORKERS', '257'],
    ['TURNPIKE_ROLES', 'ingest,actor'],
    ['TURNPIKE_ROLES', ','],
    ['TURNPIKE_NATS_URL', 'http://127.0.0.1:4222'],
    ['TURNPIKE_REDIS_URL', 'localhost:6379'],
    ['TURNPIKE_CLICKHOUSE_URL', 'clickhouse.example'],
    ['TURNPIKE_ALLOWED_ORIGINS', 'https://shop.example/path'],
    ['TURNPIKE_ALLOWED_ORIGINS', '*'],
    ['TURNPIKE_GATEWAY', 'paypal'],
    ['TURNPIKE_STRIPE_URL', 'https://proxy.example/stripe'],
    ['TURNPIKE_STRIPE_URL', 'http://proxy.example'],
    ['TURNPIKE_SIMULATED_GATEWAY_LATENCY_MS', '-1'],
    ['TURNPIKE_SIMULATED_GATEWAY_DECLINES', '5%'],
    ['TURNPIKE_SIMULATED_GATEWAY_DECLINES', '1.5'],
    ['TURNPIKE_LOG_RETENTION', '72'],
    ['TURNPIKE_LOG_RETENTION', '29m'],
    ['TURNPIKE_LOG_RETENTION', '4000d'],
    ['TURNPIKE_LOG_SIZE', '2GB'],
    ['TURNPIKE_LOG_SIZE', '1MiB'],
    ['TURNPIKE_LOG_LEVEL', 'verbose'],
  ])('refuses %s=%j on one line with the name, the value and the fix', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(`${name} is ${JSON.stringify(value).slice(0, 60)}`);
    expect(message).toMatch(/: set it to (a|an|one|origins|the) /);
    expect(message).not.toContain('\n');
  });

  test('says the bounds of a number', () => {
    expect(refusal({ TURNPIKE_PARTITIONS: '5000' })).toBe(
      'TURNPIKE_PARTITIONS is "5000": set it to a whole number from 1 to 1024',
    );
  });

  test('keeps a value with line breaks on one line and cuts a long one', () => {
    const message = refusal({ TURNPIKE_LOG_LEVEL: `a\nb${'c'.repeat(500)}` });
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(250);
  });

  test('names the setting that was probably meant by an unknown one', () => {
    expect(refusal({ TURNPIKE_INGEST_PROT: '8080' })).toBe(
      'TURNPIKE_INGEST_PROT is not a setting: did you mean TURNPIKE_INGEST_PORT?',
    );
    expect(refusal({ TURNPIKE_PORT: '8080' })).toContain('did you mean TURNPIKE_INGEST_PORT?');
    expect(refusal({ TURNPIKE_LOGLEVEL: 'info' })).toContain('did you mean TURNPIKE_LOG_LEVEL?');
  });

  test('refuses an unknown setting that resembles none, without its value', () => {
    const message = refusal({ TURNPIKE_XYZZY_QUUX: 'hunter2' });
    expect(message).toContain('TURNPIKE_XYZZY_QUUX is not a setting: unset it');
    expect(message).not.toContain('hunter2');
  });

  test.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('serves management on %s', (host) => {
    expect(loadConfig({ TURNPIKE_HOST: host }).host).toBe(host);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'fe80::1%eth0', 'turnpike.example'])(
    'refuses management on %s, which others reach',
    (host) => {
      expect(refusal({ TURNPIKE_HOST: host })).toBe(
        `TURNPIKE_HOST is "${host}": management has no credentials and serves loopback only, set it to 127.0.0.1 or ::1`,
      );
    },
  );

  test('binds any address without the role of management', () => {
    expect(loadConfig({ ...SHARED, TURNPIKE_HOST: '0.0.0.0', TURNPIKE_ROLES: 'ingest,actors' }).host).toBe(
      '0.0.0.0',
    );
  });

  test('refuses one port for two listeners', () => {
    expect(refusal({ TURNPIKE_HTTP_PORT: '8080' })).toBe(
      'TURNPIKE_HTTP_PORT is "8080", as is TURNPIKE_INGEST_PORT: give each a port of its own',
    );
  });

  test('does not mind the port of a role that is not taken', () => {
    expect(loadConfig({ ...SHARED, TURNPIKE_INGEST_PORT: '8081', TURNPIKE_ROLES: 'ingest' }).ingestPort).toBe(
      8_081,
    );
  });

  test.each([
    'http://user:hunter2@redis.example:6379',
    'redis:user:hunter2@redis.example',
    'hunter2@redis.example',
    'http://redis.example/?password=hunter2',
  ])('never prints a password: %s', (url) => {
    expect(refusal({ TURNPIKE_REDIS_URL: url })).not.toContain('hunter2');
  });
});

describe('the payment gateway', () => {
  test('needs a key where it is Stripe, of whoever speaks to it', () => {
    expect(refusal({ TURNPIKE_GATEWAY: 'stripe' })).toBe(
      'TURNPIKE_GATEWAY is stripe, which needs a key: set TURNPIKE_STRIPE_SECRET_KEY to the secret key of your ' +
        'account at Stripe',
    );
    const ingest = { ...SHARED, TURNPIKE_GATEWAY: 'stripe', TURNPIKE_ROLES: 'ingest' };
    expect(loadConfig(ingest).gateway).toBe('stripe');
  });

  test.each(['TURNPIKE_STRIPE_SECRET_KEY', 'TURNPIKE_STRIPE_WEBHOOK_SECRET'])(
    'has its secret in %s, of which nothing is printed',
    (name) => {
      const message = refusal({ [name]: 'hunter2 hunter2' });
      expect(message).toContain(`${name} is not one: set it to a secret`);
      expect(message).not.toContain('hunter2');
    },
  );
});

describe('roles in processes of their own', () => {
  const { TURNPIKE_CLICKHOUSE_URL: _, ...NATS } = SHARED;

  test('need a log that they can share', () => {
    expect(refusal({ TURNPIKE_ROLES: 'actors,ingest' })).toBe(
      'TURNPIKE_ROLES is ingest,actors, but the embedded log serves one process only: unset it to run all ' +
        'roles, or set TURNPIKE_NATS_URL to the NATS server that all roles share',
    );
    expect(loadConfig({ ...NATS, TURNPIKE_ROLES: 'ingest' }).roles).toEqual(new Set(['ingest']));
  });

  test('need a warehouse that actors and management share', () => {
    for (const role of ['actors', 'management', 'ingest,actors'])
      expect(refusal({ ...NATS, TURNPIKE_ROLES: role })).toContain(
        'but the embedded warehouse serves one process only: run actors and management together, or set ' +
          'TURNPIKE_CLICKHOUSE_URL',
      );
    for (const role of ['actors', 'management', 'ingest,actors'])
      expect(() => loadConfig({ ...SHARED, TURNPIKE_ROLES: role })).not.toThrow();
    expect(() => loadConfig({ ...NATS, TURNPIKE_ROLES: 'actors,management' })).not.toThrow();
  });
});

describe('the proxies that are trusted', () => {
  test.each(['10.0.0.0/33', '10.0.0/8', 'proxy.example', '::/129', '10.0.0.0/8/8', 'fe80::1%eth0'])(
    'are no %s',
    (text) => {
      expect(refusal({ TURNPIKE_TRUSTED_PROXIES: text })).toContain(
        'set it to addresses and networks such as 10.0.0.0/8, separated by commas, or leave it unset',
      );
    },
  );
});

describe('the servers of NATS', () => {
  test('may be several', () => {
    const urls = 'nats://one.example:4222, tls://two.example';
    expect(loadConfig({ TURNPIKE_NATS_URL: urls }).natsUrl).toBe('nats://one.example:4222,tls://two.example');
  });

  test('are refused without the password in the message', () => {
    const message = refusal({ TURNPIKE_NATS_URL: 'nats://me:hunter2@one.example,http://two.example' });
    expect(message).toContain('TURNPIKE_NATS_URL is');
    expect(message).not.toContain('hunter2');
  });
});
