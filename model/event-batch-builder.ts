/** Writes events records: see the format in `event-batch.ts`. */
import type { ReasonCode } from './decision.ts';
import {
  EventType,
  type EventTypeCode,
  STRING_FIELDS,
  type StringField,
  type TrackingEvent,
} from './event.ts';
import type { UNDECIDED } from './event-batch.ts';
import { BATCH_VERSION, blobAt, Layout, STOPPED_WORDS } from './event-batch-layout.ts';
import { FINGERPRINT_WORDS } from './fingerprint.ts';
import { RecordKind } from './record.ts';

const FIELDS = STRING_FIELDS.length;
const NAMES: readonly StringField[] = STRING_FIELDS.map((field) => field.name);
/** Bit i: STRING_FIELDS[i] is dictionary-coded. */
const REPEATS = STRING_FIELDS.reduce((bits, field, index) => bits | (field.repeats ? 1 << index : 0), 0);
const FIRST_ROWS = 64;
/** Elements from which on a copy by the runtime is quicker than a loop. */
const MANY = 128;

/** An event as a row: its strings by index of `FIELD`, and which of them it has. */
export interface EventRow {
  readonly type: EventTypeCode;
  readonly occurredAt: number;
  readonly valueMicros: number;
  readonly flags: number;
  readonly strings: readonly (string | undefined)[];
  /** Bit i: `strings[i]` is there. */
  readonly presence: number;
}

/** Bytes of a UTF-16 unit at most. */
const UTF8_BYTES = 3;

/**
 * Where records are laid out before they are copied into memory of their own. To look at each record's memory in four
 * ways cost 0.7 µs more than to copy it, a tenth of a small record's work.
 */
class Sheet {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;

  constructor(length: number) {
    const buffer = new ArrayBuffer((length + 7) & ~7);
    this.bytes = Buffer.from(buffer);
    this.halves = new Uint16Array(buffer);
    this.words = new Uint32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }
}

let sheet = new Sheet(1 << 16);

interface StoppedCounter {
  readonly campaign: number;
  readonly partner: number;
  readonly code: number;
  count: number;
}

/** Collects the rows of one record. Reusable after `encode`. */
export class EventBatchBuilder {
  #occurredAt = new Float64Array(FIRST_ROWS);
  #valueMicros = new Float64Array(FIRST_ROWS);
  #fingerprints = new Uint32Array(FIRST_ROWS * FINGERPRINT_WORDS);
  #visitorWords = new Uint32Array(FIRST_ROWS * FINGERPRINT_WORDS);
  #presence = new Uint32Array(FIRST_ROWS);
  #verdicts = new Uint16Array(FIRST_ROWS);
  #types = new Uint8Array(FIRST_ROWS);
  #flags = new Uint8Array(FIRST_ROWS);
  #refs = new Uint32Array(FIRST_ROWS * 16);
  #ends = new Uint32Array(FIRST_ROWS * 16);
  #rows = 0;
  #visitors = 0;
  #refCount = 0;
  #units = 0;
  readonly #parts: string[] = [];
  readonly #indexes = new Map<string, number>();
  /** Of each field that repeats the text that came last, and its index: neighbours often share it. */
  readonly #lastTexts: (string | undefined)[] = new Array(FIELDS).fill(undefined);
  readonly #lastIndexes = new Uint32Array(FIELDS);
  readonly #stopped = new Map<string, StoppedCounter>();
  readonly #scratch: (string | undefined)[] = new Array(FIELDS).fill(undefined);

  /** Rows so far, stopped repeats not included. */
  get rows(): number {
    return this.#rows;
  }

  get isEmpty(): boolean {
    return this.#rows === 0 && this.#stopped.size === 0;
  }

  /** Bytes of the record so far if all text is ASCII; other text needs up to three times its units. */
  get bytes(): number {
    const { length: strings } = this.#parts;
    return blobAt(this.#rows, this.#refCount, strings, this.#stopped.size, this.#visitors) + this.#units;
  }

  /**
   * Adds an event.
   *
   * @param fingerprints holds the event's fingerprint at `at` and, for a click, its visitor's after it
   * @param verdict the reason with which the collector has answered the event already, or `UNDECIDED`
   */
  add(
    event: TrackingEvent,
    fingerprints: Uint32Array,
    at: number,
    verdict: ReasonCode | typeof UNDECIDED,
  ): void {
    let presence = 0;
    for (let field = 0; field < FIELDS; field++) {
      const text = event[NAMES[field] as StringField];
      this.#scratch[field] = text;
      if (text !== undefined) presence |= 1 << field;
    }
    const { type, occurredAt, valueMicros, flags } = event;
    const row = { type, occurredAt, valueMicros, flags, strings: this.#scratch, presence };
    this.addRow(row, fingerprints, at, verdict);
  }

  /** Adds an event that is laid out as a row already: the way of the hot path. See `add`. */
  addRow(
    event: EventRow,
    fingerprints: Uint32Array,
    at: number,
    verdict: ReasonCode | typeof UNDECIDED,
  ): void {
    const row = this.#rows;
    if (row === this.#types.length) this.#growRows();
    this.#rows = row + 1;
    this.#occurredAt[row] = event.occurredAt;
    this.#valueMicros[row] = event.valueMicros;
    this.#presence[row] = event.presence;
    this.#verdicts[row] = verdict;
    this.#types[row] = event.type;
    this.#flags[row] = event.flags;
    copyWords(fingerprints, at, this.#fingerprints, row);
    if (event.type === EventType.click)
      copyWords(fingerprints, at + FINGERPRINT_WORDS, this.#visitorWords, this.#visitors++);
    this.#addStrings(event.strings, event.presence);
  }

  /** Counts a repeat that the filter stopped. */
  addStopped(
    campaignId: string,
    partnerId: string | undefined,
    type: EventTypeCode,
    reason: ReasonCode,
  ): void {
    const campaign = this.#shared(campaignId);
    const partner = partnerId === undefined ? 0 : this.#shared(partnerId) + 1;
    const code = type | (reason << 8);
    const key = `${campaign} ${partner} ${code}`;
    const counter = this.#stopped.get(key);
    if (counter) counter.count++;
    else this.#stopped.set(key, { campaign, partner, code, count: 1 });
  }

  /** The record, and an empty builder. */
  encode(): Uint8Array {
    const layout = this.#layout();
    const { rowCount, refCount, stringCount, stoppedCount, visitorCount } = layout;
    const blob = this.#parts.join('');
    if (sheet.bytes.length < layout.blob + UTF8_BYTES * blob.length)
      sheet = new Sheet(2 * (layout.blob + UTF8_BYTES * blob.length));
    const blobBytes = sheet.bytes.write(blob, layout.blob);
    const isAscii = blobBytes === blob.length;
    const { words } = sheet;
    words[0] = RecordKind.events | (BATCH_VERSION << 8) | (Number(isAscii) << 16);
    words[1] = rowCount;
    words[2] = refCount;
    words[3] = stringCount;
    words[4] = stoppedCount;
    words[5] = visitorCount;
    words[6] = blobBytes;
    words[7] = 0;
    this.#writeColumns(layout);
    this.clear();
    // From the pool where it is small: that is aligned to 8 bytes, as columns need it.
    const record = Buffer.allocUnsafe(layout.blob + blobBytes);
    sheet.bytes.copy(record, 0, 0, record.length);
    return record;
  }

  #writeColumns(layout: Layout): void {
    const { rowCount, refCount, stringCount, visitorCount } = layout;
    const { doubles, words, halves, bytes } = sheet;
    copyColumn(this.#occurredAt, doubles, layout.occurredAt >>> 3, rowCount);
    copyColumn(this.#valueMicros, doubles, layout.valueMicros >>> 3, rowCount);
    copyColumn(this.#fingerprints, words, layout.fingerprints >>> 2, rowCount * FINGERPRINT_WORDS);
    copyColumn(this.#visitorWords, words, layout.visitors >>> 2, visitorCount * FINGERPRINT_WORDS);
    copyColumn(this.#presence, words, layout.presence >>> 2, rowCount);
    copyColumn(this.#refs, words, layout.refs >>> 2, refCount);
    copyColumn(this.#ends, words, layout.ends >>> 2, stringCount);
    let at = layout.stopped >>> 2;
    for (const { campaign, partner, code, count } of this.#stopped.values()) {
      words[at] = campaign;
      words[at + 1] = partner;
      words[at + 2] = code;
      words[at + 3] = count;
      at += STOPPED_WORDS;
    }
    copyColumn(this.#verdicts, halves, layout.verdicts >>> 1, rowCount);
    copyColumn(this.#types, bytes, layout.types, rowCount);
    copyColumn(this.#flags, bytes, layout.flags, rowCount);
  }

  /** Forgets what was added. */
  clear(): void {
    this.#rows = 0;
    this.#visitors = 0;
    this.#refCount = 0;
    this.#units = 0;
    this.#parts.length = 0;
    this.#indexes.clear();
    this.#lastTexts.fill(undefined);
    this.#stopped.clear();
  }

  #layout(): Layout {
    return new Layout(this.#rows, this.#refCount, this.#parts.length, this.#stopped.size, this.#visitors);
  }

  #addStrings(strings: readonly (string | undefined)[], presence: number): void {
    let count = this.#refCount;
    if (count + FIELDS > this.#refs.length) this.#refs = doubled(this.#refs);
    const refs = this.#refs;
    const lastTexts = this.#lastTexts;
    const lastIndexes = this.#lastIndexes;
    // From the lowest bit up: refs lie in the order of STRING_FIELDS.
    for (let left = presence; left !== 0; left &= left - 1) {
      const bit = left & -left;
      const field = 31 - Math.clz32(bit);
      const text = strings[field] as string;
      if ((REPEATS & bit) === 0) refs[count++] = this.#append(text);
      else if (text === lastTexts[field]) refs[count++] = lastIndexes[field] as number;
      else {
        const index = this.#shared(text);
        lastTexts[field] = text;
        lastIndexes[field] = index;
        refs[count++] = index;
      }
    }
    this.#refCount = count;
  }

  #append(text: string): number {
    const index = this.#parts.length;
    if (index === this.#ends.length) this.#ends = doubled(this.#ends);
    this.#parts.push(text);
    this.#units += text.length;
    this.#ends[index] = this.#units;
    return index;
  }

  #shared(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.#append(text);
      this.#indexes.set(text, index);
    }
    return index;
  }

  #growRows(): void {
    this.#occurredAt = doubled(this.#occurredAt);
    this.#valueMicros = doubled(this.#valueMicros);
    this.#fingerprints = doubled(this.#fingerprints);
    this.#visitorWords = doubled(this.#visitorWords);
    this.#presence = doubled(this.#presence);
    this.#verdicts = doubled(this.#verdicts);
    this.#types = doubled(this.#types);
    this.#flags = doubled(this.#flags);
  }
}

function copyWords(from: Uint32Array, at: number, to: Uint32Array, row: number): void {
  const start = row * FINGERPRINT_WORDS;
  to[start] = from[at] as number;
  to[start + 1] = from[at + 1] as number;
  to[start + 2] = from[at + 2] as number;
}

/** Copies the first `count` elements of a column to `to[at…]`. */
function copyColumn<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  from: Column,
  to: Column,
  at: number,
  count: number,
): void {
  if (count > MANY) to.set(from.subarray(0, count) as Column, at);
  else for (let i = 0; i < count; i++) to[at + i] = from[i] as number;
}

function doubled<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
  column: Column,
): Column {
  const longer = new (column.constructor as new (length: number) => Column)(column.length * 2);
  longer.set(column);
  return longer;
}
