/**
 * The columnar form of a micro-batch of events: what an events record of the log holds.
 *
 * Numbers lie in typed columns; every string of the batch lies in one blob, encoded by a single call,
 * and rows refer to strings by index. Values that neighbours share (campaign, partner, agent, page …)
 * are stored once. Reading touches only what is asked for: an actor that needs the campaign and the
 * fingerprint of a row never builds its other strings.
 *
 * Layout, little-endian, each column 8-byte aligned where it needs to be:
 *
 *     u8 kind=1 | u8 version | u8 ascii | u8 0 | u32 rows, refs, strings, stopped, visitors, blobBytes | u32 0
 *     f64 occurredAt[rows]      f64 valueMicros[rows]
 *     u32 fingerprint[rows*3]   u32 visitor[visitors*3] (clicks only, in row order)
 *     u32 presence[rows]        bit i: the row has STRING_FIELDS[i]; its refs follow in that order
 *     u32 refs[refs]            u32 ends[strings] (UTF-16 units)
 *     u32 stopped[stopped*4]    campaign, partner + 1 or 0, type | reason << 8, count
 *     u16 verdict[rows]         u8 type[rows]   u8 flags[rows]   blob (UTF-8)
 */
import type { ReasonCode } from './decision.ts';
import { EventType, type EventTypeCode, STRING_FIELDS, type StringField } from './event.ts';
import { BATCH_VERSION, Columns, Layout, STOPPED_WORDS } from './event-batch-layout.ts';
import { FINGERPRINT_WORDS } from './fingerprint.ts';
import { Names } from './names.ts';
import { RecordKind } from './record.ts';

export { EventBatchBuilder, type EventRow } from './event-batch-builder.ts';

/** Index of each string field in `STRING_FIELDS`. */
export const FIELD = Object.freeze(
  Object.fromEntries(STRING_FIELDS.map((field, index) => [field.name, index])),
) as Readonly<Record<StringField, number>>;

/** The reason of a verdict that the collector has already given, or this: the actor decides. */
export const UNDECIDED = 0;

/** Of all records that are read in this thread. */
const NAMES = new Names();

/** Repeats that the filter stopped: they are counted, by campaign, partner, type and reason. */
export interface Stopped {
  readonly campaignId: string;
  readonly partnerId: string | undefined;
  readonly type: EventTypeCode;
  readonly reason: ReasonCode;
  readonly count: number;
}

/** The numbers of a batch, by row; they must not be changed. */
export type BatchNumbers = Readonly<Pick<Columns, 'types' | 'flags' | 'occurredAt' | 'valueMicros'>>;

/** The strings of a batch, which must not be changed. */
export interface BatchStrings {
  /** By row, bit i: it has `STRING_FIELDS[i]`. */
  readonly presence: Uint32Array;
  /** Indexes of the strings that are there, row after row, in the order of `STRING_FIELDS`. */
  readonly references: Uint32Array;
  /** All strings, one after the other, as UTF-8. */
  readonly bytes: Buffer;
  /** The same memory. */
  readonly words: DataView;
  /** Where each ends in `bytes`. */
  readonly ends: Uint32Array;
}

/**
 * A read events record. `seek(row)` moves to a row (forwards only, to be cheap); the getters then tell
 * of that row.
 */
export class EventBatch {
  readonly rows: number;
  /** Distinct strings: a campaign's index is below it, so callers can keep a side table by index. */
  readonly stringCount: number;
  readonly #columns: Columns;
  readonly #blob: Buffer;
  /** Whether units of the text are bytes of the blob. */
  readonly #isAscii: boolean;
  readonly #text: string;
  readonly #strings: (string | undefined)[];
  /** Likewise, but the same object in all records. */
  readonly #names: (string | undefined)[];
  #row = 0;
  #firstRef = 0;
  #visitor = 0;

  /** @param record a whole events record; it is copied if its memory is not 8-byte aligned */
  constructor(record: Uint8Array) {
    const aligned = record.byteOffset % 8 === 0 ? record : new Uint8Array(record);
    const { buffer, byteOffset } = aligned;
    const [rows, refs, strings, stopped, visitors, blobBytes] = new Uint32Array(
      buffer,
      byteOffset + 4,
      6,
    ) as unknown as [number, number, number, number, number, number];
    if (aligned[0] !== RecordKind.events || aligned[1] !== BATCH_VERSION)
      throw new Error(`not an events record of version ${BATCH_VERSION}`);
    const layout = new Layout(rows, refs, strings, stopped, visitors);
    this.rows = rows;
    this.stringCount = strings;
    this.#columns = new Columns(buffer, byteOffset, layout);
    this.#strings = new Array(strings);
    this.#names = new Array(strings);
    this.#blob = Buffer.from(buffer, byteOffset + layout.blob, blobBytes);
    this.#isAscii = aligned[2] === 1;
    this.#text = this.#blob.toString(this.#isAscii ? 'latin1' : 'utf8');
  }

  /** Moves to `row`, which must not lie before the current one. */
  seek(row: number): void {
    const { presence, types } = this.#columns;
    for (; this.#row < row; this.#row++) {
      this.#firstRef += bitCount(presence[this.#row] as number);
      if (types[this.#row] === EventType.click) this.#visitor += FINGERPRINT_WORDS;
    }
  }

  /** Back to the first row. */
  rewind(): void {
    this.#row = 0;
    this.#firstRef = 0;
    this.#visitor = 0;
  }

  /** The current row. */
  get row(): number {
    return this.#row;
  }

  get type(): EventTypeCode {
    return this.#columns.types[this.#row] as EventTypeCode;
  }

  /** Bits of `EventFlag`. */
  get flags(): number {
    return this.#columns.flags[this.#row] as number;
  }

  /** The collector's own verdict, or `UNDECIDED`. */
  get verdict(): ReasonCode | typeof UNDECIDED {
    return this.#columns.verdicts[this.#row] as ReasonCode | typeof UNDECIDED;
  }

  /** Those of all rows. */
  get verdicts(): Uint16Array {
    return this.#columns.verdicts;
  }

  get occurredAt(): number {
    return this.#columns.occurredAt[this.#row] as number;
  }

  get valueMicros(): number {
    return this.#columns.valueMicros[this.#row] as number;
  }

  /** All fingerprints; those of the current row begin at `fingerprintAt`. */
  get fingerprints(): Uint32Array {
    return this.#columns.fingerprints;
  }

  get fingerprintAt(): number {
    return this.#row * FINGERPRINT_WORDS;
  }

  /** Fingerprints of visitors; that of the current row, a click, begins at `visitorAt`. */
  get visitors(): Uint32Array {
    return this.#columns.visitors;
  }

  get visitorAt(): number {
    return this.#visitor;
  }

  /** Bit i: the current row has `STRING_FIELDS[i]`. */
  get presence(): number {
    return this.#columns.presence[this.#row] as number;
  }

  /** The current row's string field (an index of `FIELD`), or `undefined`. */
  string(field: number): string | undefined {
    const ref = this.stringRef(field);
    return ref < 0 ? undefined : this.stringAt(ref);
  }

  /** As `string`, for what many records name: partners, contents. */
  name(field: number): string | undefined {
    const ref = this.stringRef(field);
    return ref < 0 ? undefined : this.nameAt(ref);
  }

  /** The index of the current row's string field, or −1. */
  stringRef(field: number): number {
    const presence = this.#columns.presence[this.#row] as number;
    if ((presence & (1 << field)) === 0) return -1;
    return this.#columns.refs[this.#firstRef + bitCount(presence & ((1 << field) - 1))] as number;
  }

  /** The length of the current row's string field in UTF-16 units, or −1; no string is made of it. */
  lengthOf(field: number): number {
    const ref = this.stringRef(field);
    if (ref < 0) return -1;
    const { ends } = this.#columns;
    return (ends[ref] as number) - (ref === 0 ? 0 : (ends[ref - 1] as number));
  }

  /** The string at an index below `stringCount`. */
  stringAt(index: number): string {
    let text = this.#strings[index];
    if (text === undefined) {
      const { ends } = this.#columns;
      text = this.#text.slice(index === 0 ? 0 : ends[index - 1], ends[index]);
      this.#strings[index] = text;
    }
    return text;
  }

  /** As `stringAt`, for what many records name. */
  nameAt(index: number): string {
    const known = this.#names[index];
    if (known !== undefined) return known;
    const name = NAMES.of(this.stringAt(index));
    this.#names[index] = name;
    // Whoever wants the string gets the one that has been hashed before.
    this.#strings[index] = name;
    return name;
  }

  /** The numbers of all rows as they lie, for whoever goes through many of them. */
  get numbers(): BatchNumbers {
    return this.#columns;
  }

  /** The strings of all rows, likewise. */
  get strings(): BatchStrings {
    const { presence, refs, ends } = this.#columns;
    const { buffer, byteOffset, byteLength } = this.#blob;
    const words = new DataView(buffer, byteOffset, byteLength);
    const byteEnds = this.#isAscii ? ends : this.#byteEnds();
    return { presence, references: refs, bytes: this.#blob, words, ends: byteEnds };
  }

  /** Where each string ends in the blob, whose bytes are not units of the text. */
  #byteEnds(): Uint32Array {
    const ends = new Uint32Array(this.stringCount);
    let at = 0;
    for (let index = 0; index < ends.length; index++) {
      at += Buffer.byteLength(this.stringAt(index));
      ends[index] = at;
    }
    return ends;
  }

  /** Repeats that the filter stopped. */
  *stopped(): Generator<Stopped> {
    const { stopped } = this.#columns;
    for (let at = 0; at < stopped.length; at += STOPPED_WORDS) {
      const partner = stopped[at + 1] as number;
      const code = stopped[at + 2] as number;
      yield {
        campaignId: this.nameAt(stopped[at] as number),
        partnerId: partner === 0 ? undefined : this.nameAt(partner - 1),
        type: (code & 0xff) as EventTypeCode,
        reason: (code >>> 8) as ReasonCode,
        count: stopped[at + 3] as number,
      };
    }
  }
}

/** The number of rows of an events record, without reading the rest. */
export function rowsOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(4, true);
}

/** How many bits are set. */
export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
