/** What an account has posted and the warehouse does not have yet, in order. */
import type { LedgerCause } from '../../model/account.ts';
import type { MessageOrigin } from '../../model/message.ts';
import type { Movement } from './ledger.ts';

/** What an entry is about, as far as it is about something of the kind. */
export interface About {
  readonly campaignId?: string;
  /** Milliseconds since the epoch. */
  readonly releaseAt?: number;
  readonly payoutId?: string;
  readonly decisionId?: string;
}

/** What was posted. */
export interface Posting {
  readonly currency: string;
  readonly cause: LedgerCause;
  readonly movement: Movement;
  /** Above 0. */
  readonly micros: bigint;
  readonly about: About;
}

/** A posting and its place. */
export interface Entry extends Posting {
  readonly sequence: number;
  /** Which of the account's postings of the record, from 0. */
  readonly index: number;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  /** The block whose message gave rise to it, if one did. */
  readonly origin: MessageOrigin | undefined;
}

/** The largest amount of an entry: columns of amounts have 64 bits. A larger one is posted in parts. */
const LARGEST = 2n ** 63n - 1n;

export class Journal {
  #entries: Entry[] = [];
  #sequence = 0;
  #index = 0;
  #time = 0;
  #origin: MessageOrigin | undefined;

  /** What is noted from now on comes of this record. */
  begin(sequence: number, time: number, origin: MessageOrigin | undefined): void {
    if (sequence !== this.#sequence) this.#index = 0;
    this.#sequence = sequence;
    this.#time = time;
    this.#origin = origin;
  }

  note(posting: Posting): void {
    for (let rest = posting.micros; rest > 0n; rest -= LARGEST)
      this.#entries.push({
        ...posting,
        micros: rest < LARGEST ? rest : LARGEST,
        sequence: this.#sequence,
        index: this.#index++,
        time: this.#time,
        origin: this.#origin,
      });
  }

  take(): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }
}
