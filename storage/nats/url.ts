/** NATS addresses as the settings give them: `nats://user:password@host:4222,nats://other:4222`. */
import { fail } from '../../model/errors.ts';

export interface NatsAddress {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Whether the connection must be encrypted. */
  readonly isSecure: boolean;
}

const DEFAULT_PORT = '4222';

/**
 * Reads a list of addresses separated by commas. A name without a password is a token. Name, password and
 * token are taken from the first address that has them, and hold for all.
 *
 * @throws TurnpikeError `invalid_argument`; the message does not repeat the text, which may hold a password
 */
export function parseNatsUrl(text: string): NatsAddress {
  const urls = text.split(',').map(parseOne);
  const { username = '', password = '' } = urls.find((url) => url.username !== '') ?? {};
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || DEFAULT_PORT}`),
    isSecure: urls.some((url) => url.protocol === 'tls:'),
    ...credentials(decoded(username), decoded(password)),
  };
}

function credentials(user: string, password: string): Pick<NatsAddress, 'user' | 'password' | 'token'> {
  if (user === '') return {};
  return password === '' ? { token: user } : { user, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The error would repeat the text.
    fail('invalid_argument', 'name or password in the address of NATS has a % that begins no %XX');
  }
}

function parseOne(text: string): URL {
  const trimmed = text.trim();
  const full = trimmed.includes('://') ? trimmed : `nats://${trimmed}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url || url.hostname === '') fail('invalid_argument', 'the address of NATS is not a URL');
  if (url.protocol !== 'nats:' && url.protocol !== 'tls:')
    fail('invalid_argument', `the address of NATS begins with nats:// or tls://, not ${url.protocol}//`);
  return url;
}
