/** Looking at and removing what tests have stored in JetStream, past the engines. */
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Calls `action` with a connection of its own. */
export async function withJetStream<T>(
  url: string,
  action: (manager: JetStreamManager) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await action(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

/** Removes the streams whose names begin so. */
export function removeStreams(url: string, prefix: string): Promise<void> {
  return withJetStream(url, async ({ streams }) => {
    for await (const name of streams.names()) if (name.startsWith(prefix)) await streams.delete(name);
  });
}
