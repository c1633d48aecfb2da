/**
 * A NATS bucket as the snapshots use it: entries by subject, each with the sequence of its last write as
 * its revision. It is a bucket like others, so NATS' own tools can look at it.
 *
 * Writes go to the bucket's stream with an id each, so that one whose acknowledgement was lost can be sent
 * again, and its outcome is known in the end. See `nats-bucket-stream.ts` for the settings of that stream.
 */
import { headers, type Msg, type MsgHdrs, nuid } from '@nats-io/transport-node';
import { limits } from '../../limits.ts';
import type { TurnpikeError } from '../../model/errors.ts';
import { apiErrorOf, natsFailure } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import { publish } from '../nats/publish.ts';
import { type BucketOptions, openBucketStream, storedPrefix, toldPrefix } from './nats-bucket-stream.ts';

/** Stands in the last entry of what was deleted by NATS' own tools; here entries are removed without trace. */
const OPERATION_HEADER = 'KV-Operation';
const ID_HEADER = 'Nats-Msg-Id';
/** Says that a write replaces all earlier ones of its subject. */
const ROLLUP_HEADER = 'Nats-Rollup';
const ROLLUP_SUBJECT = 'sub';
const SEQUENCE_HEADER = 'Nats-Sequence';

/** The last entry of a subject. */
export interface Entry {
  readonly revision: number;
  readonly data: Uint8Array;
  /** Of the server. */
  readonly storedAt: Date;
  readonly isDeleted: boolean;
  readonly header: (name: string) => string;
}

/** An entry as it is told of, with its subject below the bucket's prefix. */
export interface ToldEntry extends Omit<Entry, 'storedAt'> {
  readonly subject: string;
}

export interface Write {
  /** Below the bucket's prefix. */
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Revision that the subject must have; 0: it must have no entry; `undefined`: whatever. */
  readonly expected?: number | undefined;
}

export class NatsBucket {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #prefix: string;
  readonly #toldPrefix: string;
  readonly #readsDirectly: boolean;

  private constructor(link: NatsLink, cluster: string, stream: string, readsDirectly: boolean) {
    this.#link = link;
    this.#stream = stream;
    this.#prefix = storedPrefix(cluster);
    this.#toldPrefix = toldPrefix(cluster);
    this.#readsDirectly = readsDirectly;
  }

  /** Opens the bucket, and creates it if there is none. */
  static async open(link: NatsLink, options: BucketOptions): Promise<NatsBucket> {
    const { name, allow_direct, num_replicas } = await openBucketStream(link, options);
    // Of several servers any one would answer, also one that lags behind: then only the leader is asked.
    return new NatsBucket(link, options.cluster, name, allow_direct && num_replicas === 1);
  }

  /** The last entry of a subject, also one that says it was deleted. */
  async last(subject: string): Promise<Entry | undefined> {
    const query = { last_by_subj: this.#prefix + subject };
    const message = await this.#link.ask(`the entry ${subject} cannot be read`, () =>
      this.#readsDirectly
        ? this.#link.manager.direct.getMessage(this.#stream, query)
        : this.#link.manager.streams.getMessage(this.#stream, query),
    );
    if (!message) return undefined;
    return {
      revision: message.seq,
      data: message.data,
      storedAt: message.time,
      isDeleted: message.header.has(OPERATION_HEADER),
      header: (name) => message.header.get(name),
    };
  }

  /**
   * Writes an entry and gives its revision, or `undefined` if the expected one is not there.
   *
   * @throws TurnpikeError `unavailable`: nothing was written; `deadline_exceeded`: that is not known
   */
  async write({ subject, data, headers: more = {}, expected }: Write): Promise<number | undefined> {
    const id = nuid.next();
    const message = {
      subject: this.#prefix + subject,
      data,
      id,
      headers: headersOf({ ...more, [ROLLUP_HEADER]: ROLLUP_SUBJECT }),
      ...(expected === undefined ? {} : { expected }),
    };
    const publication = await publish(this.#link, message, limits.appendMs);
    if (publication.fate === 'stored') return publication.sequence;
    const { cause, isAmbiguous } = publication;
    if (publication.fate === 'unknown')
      throw natsFailure('deadline_exceeded', `NATS did not acknowledge ${subject} in time`, cause);
    if (publication.fate !== 'conflict')
      throw natsFailure('unavailable', `NATS cannot take ${subject}`, cause);

    const present = await this.last(subject).catch((error: unknown) => {
      throw isAmbiguous
        ? natsFailure('deadline_exceeded', `what became of ${subject} is unknown`, error)
        : error;
    });
    // An earlier attempt was stored, and what it wrote is in the way of the later one.
    if (isAmbiguous && present?.header(ID_HEADER) === id) return present.revision;
    // Nothing but a mark is there: for who expects nothing, it is nothing.
    if (expected === 0 && present?.isDeleted)
      return this.write({ subject, data, headers: more, expected: present.revision });
    return undefined;
  }

  /**
   * Tells of entries that pass the filter, as they are written, for as long as the connection lasts and from
   * its next beginning on: who wants to miss none looks at the entries themselves at such times. Also over
   * several servers there is no promise that each is told.
   *
   * @param refused is called with the reason if nothing will ever be told
   * @returns ends it
   */
  subscribe(
    filter: string,
    tell: (entry: ToldEntry) => void,
    refused: (error: TurnpikeError) => void,
  ): () => void {
    const subject = this.#toldPrefix + filter;
    const subscription = this.#link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) refused(natsFailure('unavailable', `${subject} cannot be subscribed to`, error));
        else tell(toldEntry(message, this.#toldPrefix));
      },
    });
    return () => {
      if (!this.#link.isClosed) subscription.unsubscribe();
    };
  }

  /** The subjects that have entries, below the bucket's prefix, in no order. */
  async subjects(filter: string): Promise<string[]> {
    const info = await this.#link.ask(`the entries ${filter} cannot be listed`, () =>
      this.#link.manager.streams.info(this.#stream, { subjects_filter: this.#prefix + filter }),
    );
    return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(this.#prefix.length));
  }

  /** The bucket's last write; the time is the server's. */
  async end(): Promise<{ readonly revision: number; readonly writtenAt: Date }> {
    const what = 'the bucket does not tell its last write';
    const { state } = await this.#link.ask(what, () => this.#link.manager.streams.info(this.#stream));
    return { revision: state.last_seq, writtenAt: new Date(state.last_ts) };
  }

  /**
   * Removes the entries of all subjects that pass the filter, up to a revision. Those written later stay,
   * so it may be repeated.
   *
   * @returns how many were removed
   * @throws TurnpikeError `unavailable` if it is refused; `deadline_exceeded` if the outcome is unknown
   */
  async remove(filter: string, upTo: number): Promise<number> {
    const what = `the entries ${filter} cannot be removed`;
    const options = { filter: this.#prefix + filter, seq: upTo + 1 };
    try {
      const { purged } = await this.#link.ask(what, () =>
        this.#link.manager.streams.purge(this.#stream, options),
      );
      return purged;
    } catch (error) {
      if (apiErrorOf(error)) throw error;
      throw natsFailure('deadline_exceeded', what, error);
    }
  }
}

function toldEntry({ subject, data, headers: told }: Msg, prefix: string): ToldEntry {
  return {
    subject: subject.slice(prefix.length),
    revision: Number(told?.get(SEQUENCE_HEADER)),
    data,
    isDeleted: told?.has(OPERATION_HEADER) ?? false,
    header: (name) => told?.get(name) ?? '',
  };
}

function headersOf(values: Readonly<Record<string, string>>): MsgHdrs {
  const all = headers();
  for (const [name, value] of Object.entries(values)) all.set(name, value);
  return all;
}
