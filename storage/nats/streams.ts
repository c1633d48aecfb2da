/** Creating streams, also where several processes do it at the same time. */
import type { StreamConfig } from '@nats-io/jetstream';
import { apiErrorOf } from './failures.ts';
import type { NatsLink } from './link.ts';

/** The stream exists, created by somebody else in the meantime or with other settings. */
const NAME_IN_USE = 10_058;
const SUBJECTS_OVERLAP = 10_065;

export type NewStream = Partial<StreamConfig> & { readonly name: string };

/**
 * Creates a stream unless there is one of that name, whatever its settings.
 *
 * @throws TurnpikeError `unavailable`, with JetStream's own error as its cause if it refuses
 */
export async function createStream(link: NatsLink, config: NewStream): Promise<void> {
  const { name } = config;
  try {
    await link.ask(`the stream ${name} cannot be created`, () => link.manager.streams.add(config));
  } catch (error) {
    const code = apiErrorOf(error)?.code;
    if (code === NAME_IN_USE) return;
    if (code !== SUBJECTS_OVERLAP) throw error;
    // What it overlaps with may be itself, while another process is creating it.
    await link.ask(`the stream ${name} is not there`, () => link.manager.streams.info(name));
  }
}
