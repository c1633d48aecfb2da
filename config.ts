/** The configuration: read from the environment once, checked, frozen. Nothing else reads the environment. */
import { BlockList, isIP } from 'node:net';
import { Check } from 'typebox/schema';
import { limits } from './limits.ts';
import {
  ALL_SETTINGS,
  ConfigError,
  type GatewayName,
  type LogLevel,
  ROLES,
  type Role,
  SETTINGS,
  type Setting,
} from './settings.ts';

export { ConfigError, type GatewayName, type LogLevel, type Role } from './settings.ts';

export interface Config {
  /** Address to bind. */
  readonly host: string;
  readonly ingestPort: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Folder of the embedded engines, absolute. */
  readonly dataDir: string;
  /** Partitions of the cluster; counts at creation only. */
  readonly partitions: number;
  /** Actor threads. */
  readonly workers: number;
  readonly roles: ReadonlySet<Role>;
  /** Distributed engines; `undefined`: the embedded one. */
  readonly natsUrl: string | undefined;
  /** Servers that hold a copy of what is on NATS; counts at creation only. */
  readonly natsReplicas: number;
  readonly redisUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  /** Origins that may call the collector from web pages besides those a campaign allows; empty: any. */
  readonly allowedOrigins: readonly string[];
  /** The campaign of the event collector's events that name none. */
  readonly eventCollectorCampaign: string | undefined;
  /** Addresses and networks of proxies in front of the collector. */
  readonly trustedProxies: readonly string[];
  /** File with the networks of data centres, absolute. */
  readonly dataCentreRanges: string | undefined;
  /** Whether other collectors of this machine may listen on the same port. */
  readonly sharePort: boolean;
  /** Whether webhooks may have addresses that are not public. */
  readonly webhookPrivateAddresses: boolean;
  /** Who sends money to partners. */
  readonly gateway: GatewayName;
  readonly stripeSecretKey: string | undefined;
  /** Where Stripe is, without a path; `undefined`: at Stripe. */
  readonly stripeUrl: string | undefined;
  readonly stripeWebhookSecret: string | undefined;
  readonly simulatedGateway: SimulatedGatewayConfig;
  /** How long the log keeps records that are safely applied, in milliseconds. */
  readonly logRetentionMs: number;
  /** How many bytes of records the log keeps at most, as far as they are safely applied. */
  readonly logBytes: number;
  readonly logLevel: LogLevel;
}

/** How the simulated gateway behaves; shares are from 0 to 1. See `settings.ts`. */
export interface SimulatedGatewayConfig {
  readonly latencyMs: number;
  readonly declines: number;
  readonly timeoutsBefore: number;
  readonly timeoutsAfter: number;
  readonly deferred: number;
  readonly reversals: number;
  readonly duplicateNotices: number;
  readonly reorderedNotices: number;
  readonly seed: number;
}

/** The environment as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks all settings. An empty variable counts as unset.
 *
 * @throws ConfigError for the first setting that is wrong or unknown
 */
export function loadConfig(environment: Environment = process.env): Config {
  refuseUnknown(environment);
  const config: Config = Object.freeze({
    host: required(SETTINGS.host, environment),
    ingestPort: required(SETTINGS.ingestPort, environment),
    httpPort: required(SETTINGS.httpPort, environment),
    grpcPort: required(SETTINGS.grpcPort, environment),
    dataDir: required(SETTINGS.dataDir, environment),
    partitions: required(SETTINGS.partitions, environment),
    workers: required(SETTINGS.workers, environment),
    roles: new Set(required(SETTINGS.roles, environment)),
    natsUrl: optional(SETTINGS.natsUrl, environment),
    natsReplicas: required(SETTINGS.natsReplicas, environment),
    redisUrl: optional(SETTINGS.redisUrl, environment),
    clickhouseUrl: optional(SETTINGS.clickhouseUrl, environment),
    allowedOrigins: Object.freeze(optional(SETTINGS.allowedOrigins, environment) ?? []),
    eventCollectorCampaign: optional(SETTINGS.eventCollectorCampaign, environment),
    trustedProxies: Object.freeze(optional(SETTINGS.trustedProxies, environment) ?? []),
    dataCentreRanges: optional(SETTINGS.dataCentreRanges, environment),
    sharePort: required(SETTINGS.sharePort, environment),
    webhookPrivateAddresses: required(SETTINGS.webhookPrivateAddresses, environment),
    gateway: required(SETTINGS.gateway, environment),
    stripeSecretKey: optional(SETTINGS.stripeSecretKey, environment),
    stripeUrl: optional(SETTINGS.stripeUrl, environment),
    stripeWebhookSecret: optional(SETTINGS.stripeWebhookSecret, environment),
    simulatedGateway: simulatedGateway(environment),
    logRetentionMs: required(SETTINGS.logRetention, environment),
    logBytes: required(SETTINGS.logSize, environment),
    logLevel: required(SETTINGS.logLevel, environment),
  });
  refuseLoneRoles(config);
  refuseOpenManagement(config);
  refuseSharedPorts(config);
  refuseKeylessGateway(config);
  return config;
}

function simulatedGateway(environment: Environment): SimulatedGatewayConfig {
  return Object.freeze({
    latencyMs: required(SETTINGS.simulatedLatency, environment),
    declines: required(SETTINGS.simulatedDeclines, environment),
    timeoutsBefore: required(SETTINGS.simulatedTimeoutsBefore, environment),
    timeoutsAfter: required(SETTINGS.simulatedTimeoutsAfter, environment),
    deferred: required(SETTINGS.simulatedDeferred, environment),
    reversals: required(SETTINGS.simulatedReversals, environment),
    duplicateNotices: required(SETTINGS.simulatedDuplicates, environment),
    reorderedNotices: required(SETTINGS.simulatedReordered, environment),
    seed: required(SETTINGS.simulatedSeed, environment),
  });
}

/**
 * Tells libraries what they take from the environment only. To be called before they are loaded.
 *
 * uWebSockets.js reads how long headers may be.
 */
export function configureLibraries(): void {
  process.env.UWS_HTTP_MAX_HEADERS_SIZE = String(limits.headerBytes);
}

function optional<Value>(setting: Setting<Value>, environment: Environment): Value | undefined {
  const text = environment[setting.name]?.trim() || setting.default;
  if (text === undefined) return undefined;
  const value = setting.kind.parse(text);
  if (value === undefined || !meetsSchema(setting, value)) {
    throw new ConfigError(setting.name, `is ${shown(setting, text)}`, `set it to ${setting.kind.expected}`);
  }
  return value;
}

function required<Value>(setting: Setting<Value>, environment: Environment): Value {
  const value = optional(setting, environment);
  if (value === undefined) throw new Error(`${setting.name} has no default`);
  return value;
}

function meetsSchema(setting: Setting, value: unknown): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.every((item) => Check(setting.kind.schema, item));
}

const SHOWN_LENGTH = 80;

/** A value as a message may show it: on one line, not too long, without what could be a password. Of a secret, nothing. */
function shown(setting: Setting, text: string): string {
  if (setting.kind.isSecret) return 'not one';
  const masked = setting.kind.confidential ? withoutSecrets(text) : text;
  return JSON.stringify(masked.length > SHOWN_LENGTH ? `${masked.slice(0, SHOWN_LENGTH)}…` : masked);
}

function withoutSecrets(text: string): string {
  if (!/[@?#]/.test(text)) return text;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  return parsed && parsed.host !== '' ? `${parsed.protocol}//${parsed.host}/…` : '…';
}

function refuseUnknown(environment: Environment): void {
  const known = ALL_SETTINGS.map(({ name }) => name as string);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('TURNPIKE_') || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new ConfigError(
      name,
      'is not a setting',
      nearest === undefined
        ? 'unset it (turnpike start --help lists the settings)'
        : `did you mean ${nearest}?`,
    );
  }
}

/** The known name that has `name`'s own part in it, else the one with the fewest edits, if they are few. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const prefix = 'TURNPIKE_'.length;
  const tail = name.slice(prefix, prefix + SHOWN_LENGTH);
  const longer = tail.length < 3 ? undefined : known.find((candidate) => candidate.includes(tail, prefix));
  if (longer !== undefined) return longer;
  let nearest: string | undefined;
  let least = Math.max(2, tail.length * 0.5) + 1;
  for (const candidate of known) {
    const distance = editDistance(tail, candidate.slice(prefix));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (previous[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[right.length] as number;
}

/** Roles in different processes need engines that processes can share. */
function refuseLoneRoles({ roles, natsUrl, clickhouseUrl }: Config): void {
  const listed = ROLES.filter((role) => roles.has(role)).join(',');
  if (natsUrl === undefined && roles.size < ROLES.length)
    throw new ConfigError(
      SETTINGS.roles.name,
      `is ${listed}, but the embedded log serves one process only`,
      `unset it to run all roles, or set ${SETTINGS.natsUrl.name} to the NATS server that all roles share`,
    );
  if (natsUrl !== undefined && clickhouseUrl === undefined && roles.has('actors') !== roles.has('management'))
    throw new ConfigError(
      SETTINGS.roles.name,
      `is ${listed}, but the embedded warehouse serves one process only`,
      `run actors and management together, or set ${SETTINGS.clickhouseUrl.name} to the server that they share`,
    );
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine reaches what is bound to `host`. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return /^localhost\.?$/i.test(host);
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function refuseOpenManagement(config: Config): void {
  if (!config.roles.has('management') || isLoopback(config.host)) return;
  throw new ConfigError(
    SETTINGS.host.name,
    `is ${shown(SETTINGS.host, config.host)}`,
    'management has no credentials and serves loopback only, set it to 127.0.0.1 or ::1',
  );
}

/** Whether a process listens on the HTTP port: for management, or so that operators can look at its actors. */
export function servesHttp(roles: ReadonlySet<Role>): boolean {
  return roles.has('management') || !roles.has('ingest');
}

/** Whoever works actors, or takes webhooks, speaks to the gateway. */
function refuseKeylessGateway({ gateway, stripeSecretKey, roles }: Config): void {
  if (gateway !== 'stripe' || stripeSecretKey !== undefined) return;
  if (!roles.has('actors') && !roles.has('management')) return;
  throw new ConfigError(
    SETTINGS.gateway.name,
    'is stripe, which needs a key',
    `set ${SETTINGS.stripeSecretKey.name} to the secret key of your account at Stripe`,
  );
}

function refuseSharedPorts(config: Config): void {
  const taken = new Map<number, string>();
  const { roles } = config;
  const ports: [setting: string, port: number, isUsed: boolean][] = [
    [SETTINGS.ingestPort.name, config.ingestPort, roles.has('ingest')],
    [SETTINGS.httpPort.name, config.httpPort, servesHttp(roles)],
    [SETTINGS.grpcPort.name, config.grpcPort, roles.has('management')],
  ];
  for (const [setting, port, isUsed] of ports) {
    if (port === 0 || !isUsed) continue;
    const other = taken.get(port);
    if (other !== undefined) {
      throw new ConfigError(setting, `is "${port}", as is ${other}`, 'give each a port of its own');
    }
    taken.set(port, setting);
  }
}
