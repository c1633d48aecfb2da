/** Takes a process through its life: from the engines to `turnpike ready`, and from SIGTERM to the exit. */
import { type Logger, pino } from 'pino';
import { type Config, ConfigError, configureLibraries } from '../config.ts';
import { limits } from '../limits.ts';
import { SETTINGS } from '../settings.ts';
import { type Engines, openEngines } from './engines/engines.ts';
import { logGateway } from './engines/payments.ts';
import { ExitCode } from './exit.ts';
import { buildParts, type Parts } from './parts.ts';

/** What listens on a port. */
interface Listener {
  listen(host: string, port: number): Promise<{ readonly port: number }>;
}

/**
 * Runs Turnpike until SIGTERM or SIGINT; resolves when it accepts work.
 *
 * @throws ConfigError if a setting does not fit what is there
 */
export async function start(config: Config): Promise<void> {
  configureLibraries();
  const logger = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const engines = await openEngines(config, logger);
  let isReady = false;
  const parts = await buildParts(config, engines, logger, () => isReady);
  await parts.actors?.start();
  const addresses = await listen(config, parts);
  await parts.intake?.start();
  if (parts.payments) logGateway(config, logger);
  isReady = true;
  parts.deliveries?.start();
  const stop = (signal: NodeJS.Signals): void => {
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    isReady = false;
    logger.info({ signal }, 'draining');
    shutDown(parts, engines, logger).catch((error: unknown) => {
      // Nothing is lost by it: what was answered is durable, and what is not saved is in the log.
      logger.error({ err: error }, 'not stopped in good order');
      process.exit(ExitCode.ok);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  console.log(`turnpike ready ${addresses.join(' ')}`);
}

/** Listens on the ports of the parts. @returns the addresses, as they are announced */
async function listen(config: Config, { collector, http, grpc }: Parts): Promise<string[]> {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const address = async (
    name: string,
    scheme: string,
    listener: Listener | undefined,
    setting: { readonly name: string },
    wanted: number,
  ): Promise<string[]> => {
    if (!listener) return [];
    const { port } = await bind(listener, setting, config.host, wanted);
    return [`${name}=${scheme}${host}:${port}`];
  };
  const addresses = await Promise.all([
    address('ingest', 'http://', collector, SETTINGS.ingestPort, config.ingestPort),
    address('http', 'http://', http, SETTINGS.httpPort, config.httpPort),
    address('grpc', '', grpc, SETTINGS.grpcPort, config.grpcPort),
  ]);
  return addresses.flat();
}

/** @throws ConfigError naming the port that cannot be had */
async function bind(
  listener: Listener,
  setting: { readonly name: string },
  host: string,
  port: number,
): Promise<{ readonly port: number }> {
  try {
    return await listener.listen(host, port);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigError(
      setting.name,
      `is ${port}, which cannot be bound on ${host} (${reason})`,
      'set it to a port that is free and that this user may use',
    );
  }
}

/** Answers what is under way, saves what can be saved, and ends the process. */
async function shutDown(parts: Parts, engines: Engines, logger: Logger): Promise<void> {
  const { collector, http, grpc, intake, deliveries, actors, payments } = parts;
  setTimeout(() => {
    // Whatever was answered is durable; what is cut off here is replayed at the next start.
    logger.warn('shutdown took too long; the rest is cut off');
    process.exit(ExitCode.ok);
  }, limits.shutdownMs).unref();
  await collector?.drain();
  await Promise.all([http?.close(), grpc?.close(), intake?.stop(), deliveries?.stop()]);
  await actors?.stop();
  await payments?.close();
  await engines.close();
  collector?.close();
  logger.info('stopped');
  process.exit(ExitCode.ok);
}
