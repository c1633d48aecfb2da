/** The warehouse on a ClickHouse server, over HTTP. */
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient, drainStream } from '@clickhouse/client';
import { limits } from '../../limits.ts';
import { type Engine, QUERY_MS, READ_SETTINGS } from './engine.ts';

/**
 * Reaches a server. Nothing is sent before the first statement.
 *
 * @param url `http(s)://[user[:password]@]host[:port]/[database]`
 */
export function connectHttp(url: string): Engine {
  const common = {
    url,
    // What fails is thrown; the client need not print it besides.
    log: { level: ClickHouseLogLevel.OFF },
    application: 'turnpike',
    request_timeout: 2 * Math.max(QUERY_MS, limits.warehouseMs),
  };
  const writer = createClient(common);
  const reader = createClient({
    ...common,
    // The server sends nothing before it has all: an error in the middle is not taken for the end.
    clickhouse_settings: { ...READ_SETTINGS, wait_end_of_query: 1 },
  });
  return {
    async command(query, signal) {
      await writer.command({ query, abort_signal: signal });
    },
    async insert({ into, how }, rows, signal) {
      const values = Readable.from([rows], { objectMode: false });
      const { stream } = await writer.exec({ query: `${into} ${how}`, values, abort_signal: signal });
      // The socket is not free before its answer is read.
      await drainStream(stream);
    },
    read: (read) => read(reader),
    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
