/**
 * The settings, in one table: what `config.ts` reads, `--help` prints and `docs/configuration.md` lists.
 *
 * A row tells the variable, what it is for, its default as one would type it, and its kind: how the text
 * is read, the JSON Schema that the value must meet, and what to say to someone whose text does not fit.
 */

import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { limits } from './limits.ts';

export const ROLES = ['ingest', 'actors', 'management'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Kind<Value> {
  /** What a fitting text is: completes "set it to …". */
  readonly expected: string;
  /** The value of a text, `undefined` if it is none; it still has to meet the schema. */
  parse(text: string): Value | undefined;
  /** JSON Schema of the value; of each of its items if it is a list. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Whether texts of this kind may contain passwords, which must not be printed. */
  readonly confidential?: boolean;
}

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

function integer(minimum: number, maximum: number): Kind<number> {
  return {
    expected: `a whole number from ${minimum} to ${maximum}`,
    parse: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
    schema: { type: 'integer', minimum, maximum },
  };
}

const port: Kind<number> = {
  ...integer(0, 65_535),
  expected: 'a port from 0 to 65535 (0: any free one)',
};

const HOST_NAME = '^(?!-)[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*\\.?$';

const address: Kind<string> = {
  expected: 'an IP address or a host name, such as 127.0.0.1, ::1 or localhost',
  // What has only digits and dots is meant as an address, so that 127.0.0.300 is not taken for a name.
  parse: (text) => (isIP(text) !== 0 || !/^[\d.]+$/.test(text) ? text : undefined),
  schema: {
    type: 'string',
    maxLength: 253,
    anyOf: [{ pattern: HOST_NAME }, { pattern: '^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?$' }],
  },
};

const folder: Kind<string> = {
  expected: 'the path of a folder',
  parse: (text) => (text.includes('\0') ? undefined : resolve(text)),
  schema: { type: 'string', minLength: 1, maxLength: 4_096 },
};

const file: Kind<string> = { ...folder, expected: 'the path of a file, or leave it unset' };

function choice<Value extends string>(values: readonly Value[]): Kind<Value> {
  return {
    expected: `one of ${values.join(', ')}`,
    parse: (text) => values.find((value) => value === text),
    schema: { enum: values },
  };
}

const roles: Kind<readonly Role[]> = {
  expected: `one or more of ${ROLES.join(', ')}, separated by commas`,
  parse(text) {
    const names = listOf(text);
    return names.length === 0 ? undefined : (names as readonly string[] as readonly Role[]);
  },
  schema: { enum: ROLES },
};

function url(protocols: readonly string[], sample: string): Kind<string> {
  return {
    expected: `a URL such as ${sample}, or leave it unset`,
    parse(text) {
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      return parsed && parsed.hostname !== '' && protocols.includes(parsed.protocol) ? text : undefined;
    },
    schema: { type: 'string', maxLength: limits.urlLength },
    confidential: true,
  };
}

/** Several URLs of servers that belong together. */
function urls(protocols: readonly string[], sample: string): Kind<string> {
  const one = url(protocols, sample);
  return {
    ...one,
    expected: `a URL such as ${sample}, several separated by commas, or leave it unset`,
    parse: (text) =>
      listOf(text).length > 0 && listOf(text).every((item) => one.parse(item) !== undefined)
        ? listOf(text).join(',')
        : undefined,
  };
}

const origins: Kind<readonly string[]> = {
  expected: 'origins such as https://shop.example, separated by commas, or leave it unset to allow any',
  parse(text) {
    const list = listOf(text);
    return list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin)
      ? list
      : undefined;
  },
  schema: { type: 'string', pattern: '^https?://' },
};

const campaign: Kind<string> = {
  expected: 'the id of a campaign: letters, digits, _ and -, at most 64',
  parse: (text) => text,
  schema: { type: 'string', pattern: `^[A-Za-z0-9_-]{1,${limits.campaignIdLength}}$` },
};

const networks: Kind<readonly string[]> = {
  expected: 'addresses and networks such as 10.0.0.0/8, separated by commas, or leave it unset',
  parse(text) {
    const list = listOf(text);
    return list.length > 0 && list.every(isNetwork) ? list : undefined;
  },
  schema: { type: 'string' },
};

/** Whether a text is an address or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || more.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

const flag: Kind<boolean> = {
  expected: 'true or false',
  parse: (text) => ({ true: true, false: false })[text],
  schema: { type: 'boolean' },
};

const DURATION_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration such as `90s`, `30m`, `72h` or `7d`; `undefined` if the text is none.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  return match ? Number(match[1]) * (DURATION_UNITS[match[2] as string] as number) : undefined;
}

function duration(minimum: string, maximum: string): Kind<number> {
  return {
    expected: `a duration from ${minimum} to ${maximum}, such as 90s, 30m, 72h or 7d`,
    parse: parseDuration,
    schema: { type: 'integer', minimum: parseDuration(minimum), maximum: parseDuration(maximum) },
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Bytes of a size such as `512MiB` or `2GiB`; `undefined` if the text is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,6})(MiB|GiB|TiB)$/.exec(text);
  return match ? Number(match[1]) * (SIZE_UNITS[match[2] as string] as number) : undefined;
}

function size(minimum: string, maximum: string): Kind<number> {
  return {
    expected: `a size from ${minimum} to ${maximum}, such as 512MiB or 2GiB`,
    parse: parseSize,
    schema: { type: 'integer', minimum: parseSize(minimum), maximum: parseSize(maximum) },
  };
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

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
