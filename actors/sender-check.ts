/**
 * Partitions know what they were told by others by the sequences of their logs. A log that has lost its end, or is
 * older than the others, would use such sequences again, and what its actors say then would be taken for repeats.
 * So whoever opens a partition looks whether the logs of those that have told it something reach so far.
 */
import { fail } from '../model/errors.ts';
import type { MessageBatch } from '../model/message.ts';
import { RecordKind } from '../model/record.ts';
import type { Log, LogRecord } from '../storage/log/port.ts';
import { contentOf } from './content.ts';

export class SenderCheck {
  readonly #partition: number;
  readonly #log: Pick<Log, 'lastSequence'>;
  readonly #tail: number;
  /** How far the logs of others reach, as far as they were asked. */
  readonly #ends = new Map<number, number>();

  /** @param tail the last sequence of the partition when it was opened: what comes later comes from living logs */
  constructor(partition: number, log: Pick<Log, 'lastSequence'>, tail: number) {
    this.#partition = partition;
    this.#log = log;
    this.#tail = tail;
  }

  /**
   * To be called with each record before it is applied.
   *
   * @throws TurnpikeError `failed_precondition` if it tells of records that its sender's log does not have
   */
  async check(record: LogRecord): Promise<void> {
    if (record.sequence > this.#tail || record.data[0] !== RecordKind.messages) return;
    const content = contentOf(record);
    if (content.kind === 'messages') await this.#check(content.batch);
  }

  async #check({ from, upTo }: MessageBatch): Promise<void> {
    let end = this.#ends.get(from) ?? 0;
    if (end >= upTo) return;
    end = await this.#log.lastSequence(from);
    this.#ends.set(from, end);
    if (end >= upTo) return;
    fail(
      'failed_precondition',
      `the log of partition ${from} ends at ${end}, before ${upTo}, of which partition ${this.#partition} was told: ` +
        'it has lost records, or is older than the other logs; see docs/operations.md, When parts are lost',
    );
  }
}
