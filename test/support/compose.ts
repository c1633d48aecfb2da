/** The compose file as Docker would understand it, as far as its tests need. */
import { parse } from 'yaml';
import { readProjectFile } from './project.ts';

export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly ports?: readonly string[];
  /** By name, or with what holds in each. */
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly deploy?: {
    readonly replicas?: number;
    readonly resources?: { readonly limits?: { readonly cpus?: string; readonly memory?: string } };
  };
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Variables that the compose file demands of whoever runs it. */
export const PASSWORDS = {
  NATS_PASSWORD: '1234567890',
  REDIS_PASSWORD: 'redisSecret1',
  CLICKHOUSE_PASSWORD: 'clickhouseSecret1',
} as const;

/**
 * The compose file, with variables in place.
 *
 * @throws Error for a variable that it demands and does not get
 */
export function readCompose(variables: Readonly<Record<string, string>> = PASSWORDS): Compose {
  const tree: unknown = parse(readProjectFile('docker-compose.yml'), { merge: true });
  return interpolated(tree, variables) as Compose;
}

function interpolated(node: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof node === 'string') return interpolate(node, variables);
  if (Array.isArray(node)) return node.map((item) => interpolated(item, variables));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, interpolated(value, variables)]),
  );
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, which is all that the file uses. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_whole, name: string, operator, operand) => {
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    if (operator === '-') return operand as string;
    throw new Error(`${name} is missing: ${operand}`);
  });
}

/** Host address of a published port: `host:published:container`; without a host it would be every address. */
export function publishedOn(port: string): string {
  const parts = port.split(':');
  return parts.length === 3 ? (parts[0] as string) : '0.0.0.0';
}

/** The names of the networks that a service joins. */
export function networksOf({ networks = [] }: Pick<ComposeService, 'networks'>): string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks);
}
