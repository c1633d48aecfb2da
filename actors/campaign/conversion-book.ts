/**
 * The conversions of a campaign that counted, for ever: what each is known by, in memory, so that none counts
 * twice; what it was worth and who has earned what by it, in pages that are read when it is refunded; and which
 * were refunded. The references of reported spends are remembered among them.
 */
import { decisionId } from '../../model/decision.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { ActorDocument, DocumentReader } from '../actor.ts';
import { PagedRecords } from '../memory/paged-records.ts';
import { PagedSet } from '../memory/paged-set.ts';
import { type ConversionRecord, decodeRecord, encodeRecord } from './conversion-record.ts';
import type { Memory } from './decide.ts';

const CONVERSIONS = 'conversions';
const RECORDS = 'conversion-records';
const REFUNDS = 'refunds';

/** Sizes of the memories, as snapshots hold them. */
export interface ConversionBookJson {
  readonly conversions: number;
  readonly refunds: number;
}

/** A conversion that was looked up. */
export interface FoundConversion extends ConversionRecord {
  /** What it is known by. */
  readonly words: Uint32Array;
  readonly decisionId: string;
  readonly isRefunded: boolean;
}

export class ConversionBook implements Memory {
  readonly #partition: number;
  #keys = new PagedSet(CONVERSIONS);
  /** Of the keys, in their order; empty where the key is that of a reported spend. */
  #records = new PagedRecords(RECORDS);
  #refunds = new PagedSet(REFUNDS);

  constructor(partition: number) {
    this.#partition = partition;
  }

  has(words: Uint32Array, at: number): boolean {
    return this.#keys.has(words, at);
  }

  /**
   * Adds what is not there.
   *
   * @param record absent: it is none of a conversion
   */
  add(words: Uint32Array, at: number, record?: ConversionRecord): void {
    if (this.#keys.add(words, at)) this.#records.append(record ? encodeRecord(record) : '');
  }

  /** The conversion that is known by this, if there is one. */
  async find(words: Uint32Array, read: DocumentReader): Promise<FoundConversion | undefined> {
    const index = this.#keys.indexOf(words, 0);
    if (index < 0) return undefined;
    const line = await this.#records.at(index, read);
    if (line === '') return undefined;
    const record = decodeRecord(line);
    return {
      ...record,
      words,
      decisionId: decisionId(this.#partition, record.sequence, record.row),
      isRefunded: this.#refunds.has(words, 0),
    };
  }

  /** Notes that a conversion was refunded. */
  refund({ words }: FoundConversion): void {
    this.#refunds.add(words, 0);
  }

  /** The pages that changed since the last call. To be followed by `toJson`. */
  takeChanges(): ActorDocument[] {
    return [this.#keys, this.#records, this.#refunds].flatMap((memory) => memory.takeChanges());
  }

  toJson(): ConversionBookJson {
    return { conversions: this.#keys.size, refunds: this.#refunds.size };
  }

  /** Fills a new book with what `toJson` described. */
  async load({ conversions, refunds }: ConversionBookJson, read: DocumentReader): Promise<void> {
    this.#keys = await PagedSet.load(CONVERSIONS, conversions, read);
    this.#records = await PagedRecords.load(RECORDS, conversions, read);
    this.#refunds = await PagedSet.load(REFUNDS, refunds, read);
  }
}

/** Room for what a conversion is known by. */
export function conversionWords(): Uint32Array {
  return new Uint32Array(FINGERPRINT_WORDS);
}
