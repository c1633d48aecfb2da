/** Appending to the distributed log: what is under way is bounded, and ends within `limits.appendMs`. */
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { natsFailure } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import { messageId, publish } from '../nats/publish.ts';
import { Window } from '../nats/window.ts';
import { ID_MEMORY_MS, subjectName } from './jetstream-streams.ts';

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
  /**
   * When appends ended whose outcome is unknown, by subject and id: whoever repeats one must not be told
   * that nothing is stored. It holds what can be pending, for as long as JetStream knows ids.
   */
  readonly #unknown = new Map<string, number>();
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
    if (this.#closed) return Promise.reject(this.#isUnknown(key) ? notSent(true) : logClosed());
    const { byteLength } = data;
    if (this.#bytesPending + byteLength > limits.logBytesWaiting || this.#pending.size >= RECORDS_WAITING)
      return Promise.reject(notSent(this.#isUnknown(key)));

    this.#bytesPending += byteLength;
    // A copy: it may have to be sent again when the caller has long written over its own.
    const promise = this.#append(key, partition, recordId, new Uint8Array(data)).finally(() => {
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

  async #append(key: string, partition: number, recordId: string, data: Uint8Array): Promise<number> {
    const deadline = performance.now() + limits.appendMs;
    const isRepeated = this.#isUnknown(key);
    const room = this.#sent.enter(data.byteLength);
    if (room) await room;
    try {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw notSent(isRepeated);
      const message = { subject: subjectName(this.#cluster, partition), data, id: messageId(recordId) };
      const publication = await publish(this.#link, message, leftMs, isRepeated);
      if (publication.fate === 'stored') {
        this.#unknown.delete(key);
        return publication.sequence;
      }
      if (publication.fate !== 'unknown')
        throw natsFailure('unavailable', 'the log cannot take a record', publication.cause);
      this.#rememberUnknown(key);
      throw natsFailure(
        'deadline_exceeded',
        'the log did not acknowledge a record in time',
        publication.cause,
      );
    } finally {
      this.#sent.leave(data.byteLength);
    }
  }

  #isUnknown(key: string): boolean {
    const since = this.#unknown.get(key);
    return since !== undefined && performance.now() - since < ID_MEMORY_MS;
  }

  #rememberUnknown(key: string): void {
    const now = performance.now();
    for (const [known, since] of this.#unknown) {
      if (now - since < ID_MEMORY_MS) break;
      this.#unknown.delete(known);
    }
    // At the end: the map is in the order of its times.
    this.#unknown.delete(key);
    this.#unknown.set(key, now);
  }
}

/** @param isRepeated the record may be stored by an earlier append */
function notSent(isRepeated: boolean): TurnpikeError {
  const message = 'the log is behind: too much waits to be acknowledged';
  return new TurnpikeError({ code: isRepeated ? 'deadline_exceeded' : 'unavailable', message });
}

/** What whoever uses a log after it was closed is told. */
export function logClosed(): TurnpikeError {
  return unavailable('the log is closed');
}

function unavailable(message: string): TurnpikeError {
  return new TurnpikeError({ code: 'unavailable', message });
}
