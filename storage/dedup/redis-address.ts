/** Where Redis is, from its URL, and what may be told about it: never the password. */
import { fail } from '../../model/errors.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Number of the database; a cluster has only 0. */
  readonly database: number;
  readonly isEncrypted: boolean;
}

const DEFAULT_PORT = 6379;
const SHOWN_LENGTH = 200;

/**
 * Reads `redis[s]://[[user]:password@]host[:port][/database]`.
 *
 * @throws TurnpikeError `invalid_argument`, without the URL in it: it may hold a password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '')
    fail('invalid_argument', 'the address of Redis must be a URL such as redis://127.0.0.1:6379');
  const database = /^\/?(\d{0,4})$/.exec(parsed.pathname)?.[1];
  if (database === undefined)
    fail('invalid_argument', 'the path in the URL of Redis must be the number of a database, such as /1');
  return {
    // Brackets belong to the URL, not to the IPv6 address.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
    username: decoded(parsed.username),
    password: decoded(parsed.password),
    database: Number(database),
    isEncrypted: parsed.protocol === 'rediss:',
  };
}

/**
 * An error as it may be logged: its text alone, as errors of the client carry the command that failed with
 * all its arguments, and without the password, which a server may repeat in its text.
 */
export function describeFailure(error: unknown, { password }: RedisAddress): string {
  const text = textOf(error);
  return (password === undefined ? text : text.replaceAll(password, '…')).slice(0, SHOWN_LENGTH);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Where a name has several addresses, the error has one cause for each and no text of its own.
  if (error instanceof AggregateError && error.message === '') return textOf(error.errors[0]);
  return error.message;
}

function decoded(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is one that somebody did not escape.
    return text;
  }
}
