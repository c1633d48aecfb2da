/** Appending to the distributed log: what is under way is bounded, and ends within `limits.appendMs`. */
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { natsFailure } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import { messageId, publish } from '../nats/publish.ts';
import { Window } from '../nats/window.ts';
import { subjectName } from './jetstream-streams.ts';

/** What may be sent and not yet acknowledged; what exceeds it waits here and not in the server. */
const SENT_BYTES = 16 * 1024 * 1024;
const SENT_RECORDS = 1_024;
/** Records that may wait, however small they are. */
const RECORDS_WAITING = 16_384;
const RECORD_ID_LENGTH = 256;

export class JetStreamAppender {
  readonly #link: NatsLink;
  readonly #cluster: string;
  readonly #sent = new Window(SENT_BYTES, SENT_RECORDS);
  /** Appends under way, by subject and id. */
  readonly #pending = new Map<string, Promise<number>>();
  #bytesPending = 0;
  #closed = false;

  constructor(link: NatsLink, cluster: string) {
    this.#link = link;
    this.#cluster = cluster;
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (recordId.length === 0 || recordId.length > RECORD_ID_LENGTH)
      throw new Error(`a record id of ${recordId.length} characters`);
    const key = `${partition}/${recordId}`;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (this.#closed) return Promise.reject(logClosed());
    const { byteLength } = data;
    if (this.#bytesPending + byteLength > limits.logBytesWaiting || this.#pending.size >= RECORDS_WAITING)
      return Promise.reject(unavailable('the log is behind: too much waits to be acknowledged'));

    this.#bytesPending += byteLength;
    // A copy: it may have to be sent again when the caller has long written over its own.
    const promise = this.#append(partition, recordId, new Uint8Array(data)).finally(() => {
      this.#pending.delete(key);
      this.#bytesPending -= byteLength;
    });
    this.#pending.set(key, promise);
    return promise;
  }

  /** Takes no more, and resolves when what was taken has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#pending.values());
  }

  async #append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    const deadline = performance.now() + limits.appendMs;
    const room = this.#sent.enter(data.byteLength);
    if (room) await room;
    try {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw unavailable('the log is behind: the record was not sent in time');
      const message = { subject: subjectName(this.#cluster, partition), data, id: messageId(recordId) };
      const publication = await publish(this.#link, message, leftMs);
      if (publication.fate === 'stored') return publication.sequence;
      throw publication.fate === 'unknown'
        ? natsFailure('deadline_exceeded', 'the log did not acknowledge a record in time', publication.cause)
        : natsFailure('unavailable', 'the log cannot take a record', publication.cause);
    } finally {
      this.#sent.leave(data.byteLength);
    }
  }
}

/** What whoever uses a log after it was closed is told. */
export function logClosed(): TurnpikeError {
  return unavailable('the log is closed');
}

function unavailable(message: string): TurnpikeError {
  return new TurnpikeError({ code: 'unavailable', message });
}
