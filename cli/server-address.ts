/** Where the server listens that is configured like this process. */
import type { Config } from '../config.ts';
import { SETTINGS } from '../settings.ts';
import { UsageError } from './exit.ts';

/**
 * The address of one of its HTTP ports, as a client on this machine reaches it.
 *
 * @param option what to say instead where the settings do not tell
 * @throws UsageError if the port is any free one
 */
export function httpAddress(config: Config, port: 'ingestPort' | 'httpPort', option: string): string {
  if (config[port] === 0) {
    throw new UsageError(`${SETTINGS[port].name} is 0, any free port: say ${option} as in the ready line`);
  }
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host === '::' ? '::1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config[port]}`;
}
