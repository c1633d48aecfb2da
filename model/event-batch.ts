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
import {
  EventType,
  type EventTypeCode,
  STRING_FIELDS,
  type StringField,
  type TrackingEvent,
} from './event.ts';
import { FINGERPRINT_WORDS } from './fingerprint.ts';
import { RecordKind } from './record.ts';

const VERSION = 1;
const HEADER_BYTES = 32;
const FIELDS = STRING_FIELDS.length;
const NAMES: readonly StringField[] = STRING_FIELDS.map((field) => field.name);
const REPEATS: readonly boolean[] = STRING_FIELDS.map((field) => field.repeats);

/** Index of each string field in `STRING_FIELDS`. */
export const FIELD = Object.freeze(
  Object.fromEntries(STRING_FIELDS.map((field, index) => [field.name, index])),
) as Readonly<Record<StringField, number>>;

/** The reason of a verdict that the collector has already given, or this: the actor decides. */
export const UNDECIDED = 0;

/** Repeats that the filter stopped: they are counted, by campaign, partner, type and reason. */
export interface Stopped {
  readonly campaignId: string;
  readonly partnerId: string | undefined;
  readonly type: EventTypeCode;
  readonly reason: ReasonCode;
  readonly count: number;
}

/** Collects the rows of one record. Reusable after `encode`. */
export class EventBatchBuilder {
  readonly #occurredAt: number[] = [];
  readonly #valueMicros: number[] = [];
  readonly #fingerprints: number[] = [];
  readonly #visitors: number[] = [];
  readonly #presence: number[] = [];
  readonly #refs: number[] = [];
  readonly #ends: number[] = [];
  readonly #verdicts: number[] = [];
  readonly #types: number[] = [];
  readonly #flags: number[] = [];
  readonly #parts: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #stopped = new Map<string, { ref: readonly [number, number]; code: number; count: number }>();
  #units = 0;

  /** Rows so far, stopped repeats not included. */
  get rows(): number {
    return this.#types.length;
  }

  get isEmpty(): boolean {
    return this.#types.length === 0 && this.#stopped.size === 0;
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
    this.#occurredAt.push(event.occurredAt);
    this.#valueMicros.push(event.valueMicros);
    for (let i = 0; i < FINGERPRINT_WORDS; i++) this.#fingerprints.push(fingerprints[at + i] as number);
    if (event.type === EventType.click) {
      for (let i = FINGERPRINT_WORDS; i < 2 * FINGERPRINT_WORDS; i++)
        this.#visitors.push(fingerprints[at + i] as number);
    }
    let presence = 0;
    for (let field = 0; field < FIELDS; field++) {
      const text = event[NAMES[field] as StringField];
      if (text === undefined) continue;
      presence |= 1 << field;
      this.#refs.push(REPEATS[field] ? this.#shared(text) : this.#append(text));
    }
    this.#presence.push(presence);
    this.#verdicts.push(verdict);
    this.#types.push(event.type);
    this.#flags.push(event.flags);
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
    else this.#stopped.set(key, { ref: [campaign, partner], code, count: 1 });
  }

  /** The record, and an empty builder. */
  encode(): Uint8Array {
    const rows = this.#types.length;
    const blob = this.#parts.join('');
    const blobBytes = Buffer.byteLength(blob);
    const visitors = this.#visitors.length / FINGERPRINT_WORDS;
    const layout = new Layout(rows, this.#refs.length, this.#ends.length, this.#stopped.size, visitors);
    // Not from the pool: columns need an 8-byte aligned start.
    const buffer = new ArrayBuffer(layout.blob + blobBytes);
    const bytes = Buffer.from(buffer);
    bytes[0] = RecordKind.events;
    bytes[1] = VERSION;
    bytes[2] = blobBytes === blob.length ? 1 : 0;
    const header = [rows, this.#refs.length, this.#ends.length, this.#stopped.size, visitors, blobBytes];
    new Uint32Array(buffer, 4, header.length).set(header);
    const columns = new Columns(buffer, 0, layout);
    columns.occurredAt.set(this.#occurredAt);
    columns.valueMicros.set(this.#valueMicros);
    columns.fingerprints.set(this.#fingerprints);
    columns.visitors.set(this.#visitors);
    columns.presence.set(this.#presence);
    columns.refs.set(this.#refs);
    columns.ends.set(this.#ends);
    columns.verdicts.set(this.#verdicts);
    columns.types.set(this.#types);
    columns.flags.set(this.#flags);
    let at = 0;
    for (const { ref, code, count } of this.#stopped.values()) {
      columns.stopped.set([ref[0], ref[1], code, count], at);
      at += 4;
    }
    bytes.write(blob, layout.blob, bytes[2] === 1 ? 'latin1' : 'utf8');
    this.#clear();
    return bytes;
  }

  #append(text: string): number {
    this.#parts.push(text);
    this.#units += text.length;
    return this.#ends.push(this.#units) - 1;
  }

  #shared(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.#append(text);
      this.#indexes.set(text, index);
    }
    return index;
  }

  #clear(): void {
    for (const column of [
      this.#occurredAt,
      this.#valueMicros,
      this.#fingerprints,
      this.#visitors,
      this.#presence,
      this.#refs,
      this.#ends,
      this.#verdicts,
      this.#types,
      this.#flags,
      this.#parts,
    ])
      column.length = 0;
    this.#indexes.clear();
    this.#stopped.clear();
    this.#units = 0;
  }
}

/** Where each column of a record begins. */
class Layout {
  readonly valueMicros: number;
  readonly fingerprints: number;
  readonly visitors: number;
  readonly presence: number;
  readonly refs: number;
  readonly ends: number;
  readonly stopped: number;
  readonly verdicts: number;
  readonly types: number;
  readonly flags: number;
  readonly blob: number;

  constructor(
    readonly rowCount: number,
    readonly refCount: number,
    readonly stringCount: number,
    readonly stoppedCount: number,
    readonly visitorCount: number,
  ) {
    this.valueMicros = HEADER_BYTES + 8 * rowCount;
    this.fingerprints = this.valueMicros + 8 * rowCount;
    this.visitors = this.fingerprints + 4 * FINGERPRINT_WORDS * rowCount;
    this.presence = this.visitors + 4 * FINGERPRINT_WORDS * visitorCount;
    this.refs = this.presence + 4 * rowCount;
    this.ends = this.refs + 4 * refCount;
    this.stopped = this.ends + 4 * stringCount;
    this.verdicts = this.stopped + 16 * stoppedCount;
    this.types = this.verdicts + 2 * rowCount;
    this.flags = this.types + rowCount;
    this.blob = this.flags + rowCount;
  }
}

/** Typed views on the columns of a record. */
class Columns {
  readonly occurredAt: Float64Array;
  readonly valueMicros: Float64Array;
  readonly fingerprints: Uint32Array;
  readonly visitors: Uint32Array;
  readonly presence: Uint32Array;
  readonly refs: Uint32Array;
  readonly ends: Uint32Array;
  readonly stopped: Uint32Array;
  readonly verdicts: Uint16Array;
  readonly types: Uint8Array;
  readonly flags: Uint8Array;

  constructor(buffer: ArrayBufferLike, at: number, layout: Layout) {
    const { rowCount, visitorCount } = layout;
    this.occurredAt = new Float64Array(buffer, at + HEADER_BYTES, rowCount);
    this.valueMicros = new Float64Array(buffer, at + layout.valueMicros, rowCount);
    this.fingerprints = new Uint32Array(buffer, at + layout.fingerprints, rowCount * FINGERPRINT_WORDS);
    this.visitors = new Uint32Array(buffer, at + layout.visitors, visitorCount * FINGERPRINT_WORDS);
    this.presence = new Uint32Array(buffer, at + layout.presence, rowCount);
    this.refs = new Uint32Array(buffer, at + layout.refs, layout.refCount);
    this.ends = new Uint32Array(buffer, at + layout.ends, layout.stringCount);
    this.stopped = new Uint32Array(buffer, at + layout.stopped, layout.stoppedCount * 4);
    this.verdicts = new Uint16Array(buffer, at + layout.verdicts, rowCount);
    this.types = new Uint8Array(buffer, at + layout.types, rowCount);
    this.flags = new Uint8Array(buffer, at + layout.flags, rowCount);
  }
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
  readonly #text: string;
  readonly #strings: (string | undefined)[];
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
    if (aligned[0] !== RecordKind.events || aligned[1] !== VERSION)
      throw new Error(`not an events record of version ${VERSION}`);
    const layout = new Layout(rows, refs, strings, stopped, visitors);
    this.rows = rows;
    this.stringCount = strings;
    this.#columns = new Columns(buffer, byteOffset, layout);
    this.#strings = new Array(strings);
    const blob = Buffer.from(buffer, byteOffset + layout.blob, blobBytes);
    this.#text = blob.toString(aligned[2] === 1 ? 'latin1' : 'utf8');
  }

  /** Moves to `row`, which must not lie before the current one. */
  seek(row: number): void {
    const { presence, types } = this.#columns;
    for (; this.#row < row; this.#row++) {
      this.#firstRef += popcount(presence[this.#row] as number);
      if (types[this.#row] === EventType.click) this.#visitor += FINGERPRINT_WORDS;
    }
  }

  /** Back to the first row. */
  rewind(): void {
    this.#row = 0;
    this.#firstRef = 0;
    this.#visitor = 0;
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

  /** The current row's string field (an index of `FIELD`), or `undefined`. */
  string(field: number): string | undefined {
    const ref = this.stringRef(field);
    return ref < 0 ? undefined : this.stringAt(ref);
  }

  /** The index of the current row's string field, or −1. */
  stringRef(field: number): number {
    const presence = this.#columns.presence[this.#row] as number;
    if ((presence & (1 << field)) === 0) return -1;
    return this.#columns.refs[this.#firstRef + popcount(presence & ((1 << field) - 1))] as number;
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

  /** Repeats that the filter stopped. */
  *stopped(): Generator<Stopped> {
    const { stopped } = this.#columns;
    for (let at = 0; at < stopped.length; at += 4) {
      const partner = stopped[at + 1] as number;
      const code = stopped[at + 2] as number;
      yield {
        campaignId: this.stringAt(stopped[at] as number),
        partnerId: partner === 0 ? undefined : this.stringAt(partner - 1),
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

function popcount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
