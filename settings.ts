/**
 * The settings, in one table: what `config.ts` reads, `--help` prints and `docs/configuration.md` lists.
 *
 * A row tells the variable, what it is for, its default as one would type it, and its kind: how the text
 * is read, the JSON Schema that the value must meet, and what to say to someone whose text does not fit.
 */

import { availableParallelism } from 'node:os';
import { limits } from './limits.ts';
import {
  address,
  campaign,
  choice,
  duration,
  file,
  flag,
  folder,
  integer,
  type Kind,
  listOf,
  networks,
  origins,
  parseDuration,
  port,
  secret,
  securedOrigin,
  share,
  size,
  url,
  urls,
} from './setting-kinds.ts';

export { isNetwork, parseDuration, parseSize } from './setting-kinds.ts';

export const ROLES = ['ingest', 'actors', 'management'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const GATEWAYS = ['simulated', 'stripe'] as const;
export type GatewayName = (typeof GATEWAYS)[number];

export interface Setting<Value = unknown> {
  /** Name of the environment variable. */
  readonly name: `TURNPIKE_${string}`;
  readonly kind: Kind<Value>;
  /** The default as one would type it; `undefined`: none. */
  readonly default: string | undefined;
  /** The default in words where it depends on the machine or stands for something. */
  readonly defaultText?: string;
  readonly description: string;
  readonly example: string;
}

const roles: Kind<readonly Role[]> = {
  expected: `one or more of ${ROLES.join(', ')}, separated by commas`,
  parse(text) {
    const names = listOf(text);
    return names.length === 0 ? undefined : (names as readonly string[] as readonly Role[]);
  },
  schema: { enum: ROLES },
};

/** Actor threads unless said otherwise: one core is left to the collector. */
function defaultWorkers(): number {
  return Math.min(limits.workers, Math.max(1, availableParallelism() - 1));
}

/** A partition that recovers reads its event ids from the log, which therefore has to go back far enough. */
const LEAST_RETENTION = '1h';
if ((parseDuration(LEAST_RETENTION) ?? 0) < limits.eventIdWindowMs) {
  throw new Error('settings.ts: the log must be kept as long as event ids are remembered');
}

const define = <Value>(setting: Setting<Value>): Setting<Value> => Object.freeze(setting);

/** How often the simulated gateway does something. @param what of which it is a share */
function simulatedShare(name: string, what: string): Setting<number> {
  return define({
    name: `TURNPIKE_SIMULATED_GATEWAY_${name}`,
    kind: share,
    default: '0',
    description: `Of the simulated gateway: share of the ${what}.`,
    example: '0.05',
  });
}

export const SETTINGS = Object.freeze({
  host: define({
    name: 'TURNPIKE_HOST',
    kind: address,
    default: '127.0.0.1',
    description:
      'Address to bind. Management has no credentials and therefore serves loopback only: any other address is refused while the roles include it.',
    example: '::1',
  }),
  ingestPort: define({
    name: 'TURNPIKE_INGEST_PORT',
    kind: port,
    default: '8080',
    description: 'Port of the collector: pixels, click redirects, events, postbacks.',
    example: '80',
  }),
  httpPort: define({
    name: 'TURNPIKE_HTTP_PORT',
    kind: port,
    default: '8081',
    description: 'Port of the REST interface and its documentation.',
    example: '9081',
  }),
  grpcPort: define({
    name: 'TURNPIKE_GRPC_PORT',
    kind: port,
    default: '50051',
    description: 'Port of the gRPC interface, with health and reflection.',
    example: '9051',
  }),
  dataDir: define({
    name: 'TURNPIKE_DATA_DIR',
    kind: folder,
    default: './data',
    description: 'Folder of the log, the snapshots and the warehouse. One process at a time may use it.',
    example: '/var/lib/turnpike',
  }),
  partitions: define({
    name: 'TURNPIKE_PARTITIONS',
    kind: integer(1, limits.partitions),
    default: '16',
    description:
      'Partitions of the log: how far the work can ever be shared out. Fixed when the data folder, or the cluster, is created; another number is refused later.',
    example: '64',
  }),
  workers: define({
    name: 'TURNPIKE_WORKERS',
    kind: integer(1, limits.workers),
    default: String(defaultWorkers()),
    defaultText: 'cores − 1, at least 1',
    description: 'Actor threads. They share the partitions.',
    example: '4',
  }),
  roles: define({
    name: 'TURNPIKE_ROLES',
    kind: roles,
    default: ROLES.join(','),
    defaultText: 'all',
    description: `What this process does, separated by commas: ${ROLES.join(', ')}. Less than all of it needs TURNPIKE_NATS_URL.`,
    example: ROLES.join(','),
  }),
  natsUrl: define({
    name: 'TURNPIKE_NATS_URL',
    kind: urls(['nats:', 'tls:'], 'nats://127.0.0.1:4222'),
    default: undefined,
    defaultText: 'unset: the embedded log and snapshots',
    description:
      'NATS servers for the log, the snapshots and what the processes of a cluster tell each other, separated by commas.',
    example: 'nats://127.0.0.1:4222',
  }),
  natsReplicas: define({
    name: 'TURNPIKE_NATS_REPLICAS',
    kind: integer(1, 5),
    default: '1',
    description:
      'NATS servers that hold a copy of the log and the snapshots. Counts when the cluster is created.',
    example: '3',
  }),
  redisUrl: define({
    name: 'TURNPIKE_REDIS_URL',
    kind: url(['redis:', 'rediss:'], 'redis://127.0.0.1:6379'),
    default: undefined,
    defaultText: 'unset: the filter in memory',
    description: 'Redis server for the deduplication filter.',
    example: 'redis://127.0.0.1:6379',
  }),
  clickhouseUrl: define({
    name: 'TURNPIKE_CLICKHOUSE_URL',
    kind: url(['http:', 'https:'], 'http://127.0.0.1:8123'),
    default: undefined,
    defaultText: 'unset: the embedded warehouse',
    description: 'ClickHouse server for the warehouse.',
    example: 'http://127.0.0.1:8123',
  }),
  allowedOrigins: define({
    name: 'TURNPIKE_ALLOWED_ORIGINS',
    kind: origins,
    default: undefined,
    defaultText: 'unset: any',
    description:
      'Origins whose pages may call the collector, besides those that a campaign allows; separated by commas.',
    example: 'https://shop.example,https://www.shop.example',
  }),
  eventCollectorCampaign: define({
    name: 'TURNPIKE_EVENT_COLLECTOR_CAMPAIGN',
    kind: campaign,
    default: undefined,
    defaultText: 'unset: such events are rejected',
    description: 'The campaign of events at /event-collector/events that name none.',
    example: 'spring-sale',
  }),
  trustedProxies: define({
    name: 'TURNPIKE_TRUSTED_PROXIES',
    kind: networks,
    default: undefined,
    defaultText: 'unset: none',
    description:
      'Proxies in front of the collector: from these addresses and networks, X-Forwarded-For tells who the client is; separated by commas.',
    example: '10.0.0.0/8,192.0.2.7',
  }),
  dataCentreRanges: define({
    name: 'TURNPIKE_DATACENTRE_RANGES',
    kind: file,
    default: undefined,
    defaultText: 'unset: nothing is flagged',
    description:
      'File with the networks of data centres, one a line as in 192.0.2.0/24, with # before comments: impressions and clicks from there are flagged data_centre. It is read at the start.',
    example: '/etc/turnpike/data-centres.txt',
  }),
  sharePort: define({
    name: 'TURNPIKE_SHARE_PORT',
    kind: flag,
    default: 'false',
    description:
      'Whether several collectors of this machine may listen on the same port, each getting a share of the connections.',
    example: 'true',
  }),
  webhookPrivateAddresses: define({
    name: 'TURNPIKE_WEBHOOK_PRIVATE_ADDRESSES',
    kind: flag,
    default: 'false',
    description:
      'Whether webhooks may have addresses that are not public, such as those of this machine and of private networks.',
    example: 'true',
  }),
  gateway: define({
    name: 'TURNPIKE_GATEWAY',
    kind: choice(GATEWAYS),
    default: 'simulated',
    description:
      'Who sends money to partners: simulated, which sends none and is told in the log, or stripe, which needs TURNPIKE_STRIPE_SECRET_KEY.',
    example: 'stripe',
  }),
  stripeSecretKey: define({
    name: 'TURNPIKE_STRIPE_SECRET_KEY',
    kind: secret,
    default: undefined,
    description:
      'Secret key of the platform’s account at Stripe; a restricted one must be able to write transfers.',
    example: 'sk_test_example',
  }),
  stripeUrl: define({
    name: 'TURNPIKE_STRIPE_URL',
    kind: securedOrigin,
    default: undefined,
    defaultText: 'unset: Stripe itself',
    description: 'Where Stripe is: another address is for proxies and tests.',
    example: 'http://127.0.0.1:12111',
  }),
  stripeWebhookSecret: define({
    name: 'TURNPIKE_STRIPE_WEBHOOK_SECRET',
    kind: secret,
    default: undefined,
    defaultText: 'unset: webhooks of Stripe are refused',
    description: 'What Stripe signs its webhooks with: the signing secret of the endpoint.',
    example: 'whsec_example',
  }),
  simulatedLatency: define({
    name: 'TURNPIKE_SIMULATED_GATEWAY_LATENCY_MS',
    kind: integer(0, 60_000),
    default: '20',
    description: 'Of the simulated gateway: milliseconds until it answers, and until it tells by itself.',
    example: '500',
  }),
  simulatedDeclines: simulatedShare('DECLINES', 'payouts that it declines'),
  simulatedTimeoutsBefore: simulatedShare('TIMEOUTS_BEFORE', 'attempts without an answer, nothing is sent'),
  simulatedTimeoutsAfter: simulatedShare(
    'TIMEOUTS_AFTER',
    'attempts without an answer, though the money is sent',
  ),
  simulatedDeferred: simulatedShare('DEFERRED', 'payouts whose outcome it tells later, by itself'),
  simulatedReversals: simulatedShare('REVERSALS', 'payouts that come back after they were sent'),
  simulatedDuplicates: simulatedShare('DUPLICATE_NOTICES', 'payouts of which it tells everything twice'),
  simulatedReordered: simulatedShare(
    'REORDERED_NOTICES',
    'payouts of which it tells in the wrong order, before it answers',
  ),
  simulatedSeed: define({
    name: 'TURNPIKE_SIMULATED_GATEWAY_SEED',
    kind: integer(0, 4_294_967_295),
    default: '1',
    description: 'Of the simulated gateway: which payouts and attempts it treats how.',
    example: '42',
  }),
  logRetention: define({
    name: 'TURNPIKE_LOG_RETENTION',
    kind: duration(LEAST_RETENTION, '3650d'),
    default: '72h',
    description: 'How long the log keeps records after they are safely applied.',
    example: '7d',
  }),
  logSize: define({
    name: 'TURNPIKE_LOG_SIZE',
    kind: size('64MiB', '64TiB'),
    default: '1GiB',
    description:
      'How large the log may become: beyond it, the oldest records that are safely applied go before their time.',
    example: '100GiB',
  }),
  logLevel: define({
    name: 'TURNPIKE_LOG_LEVEL',
    kind: choice(LOG_LEVELS),
    default: 'info',
    description: `Least severity of the log lines on the standard error: ${LOG_LEVELS.join(', ')}.`,
    example: 'warn',
  }),
});

/** All settings in the order of the table. */
export const ALL_SETTINGS: readonly Setting[] = Object.values(SETTINGS);

/** The default as documentation shows it. */
export function shownDefault(setting: Setting): string {
  return setting.defaultText ?? setting.default ?? 'unset';
}

/** A setting is wrong. The message is one line: which setting, its value, what to do. */
export class ConfigError extends Error {
  /** Name of the setting at fault. */
  readonly setting: string;

  /** @param fix what to do, to follow "set it to …" or to stand alone */
  constructor(setting: string, problem: string, fix: string) {
    super(`${setting} ${problem}: ${fix}`);
    this.name = 'ConfigError';
    this.setting = setting;
  }
}
