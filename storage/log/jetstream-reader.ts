/** Reading the distributed log. */
import type { NatsLink } from '../nats/link.ts';
import { StreamReader } from '../nats/stream-reader.ts';
import type { LogReader, LogRecord } from './port.ts';

/** The readers that are open on a log, so that closing the log ends them. */
export class JetStreamReaders {
  readonly #link: NatsLink;
  readonly #open = new Set<StreamReader<LogRecord>>();
  #closed = false;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  read(stream: string, fromSequence: number): LogReader {
    // Servers' clocks may step back, or differ when another one leads: the time of a reader never does.
    let latest = 0;
    const reader = new StreamReader<LogRecord>(this.#link, {
      stream,
      fromSequence,
      read: ({ sequence, time }, { data }) => {
        latest = Math.max(latest, time);
        // Typed arrays that are laid on a record want an aligned address: a copy has one.
        return { sequence, time: latest, data: new Uint8Array(data) };
      },
      onClose: (closed) => this.#open.delete(closed),
    });
    this.#open.add(reader);
    if (this.#closed) reader.close();
    return reader;
  }

  /** Ends all iterations; one that is begun later ends at once. */
  closeAll(): void {
    this.#closed = true;
    for (const reader of this.#open) reader.close();
  }
}
