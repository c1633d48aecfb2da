/**
 * Where the columns of an events record lie: see the format in `event-batch.ts`. Writing and reading
 * both follow this file.
 */
import { FINGERPRINT_WORDS } from './fingerprint.ts';

export const BATCH_VERSION = 1;
const HEADER_BYTES = 32;
/** Words of 32 bits in one stopped counter. */
export const STOPPED_WORDS = 4;

/** Bytes of a row, of a visitor, and of one stopped counter; each reference and each string takes a word more. */
const ROW_BYTES = 8 + 8 + 4 * FINGERPRINT_WORDS + 4 + 2 + 1 + 1;
const VISITOR_BYTES = 4 * FINGERPRINT_WORDS;
const STOPPED_BYTES = 4 * STOPPED_WORDS;

/** Where the text of a record begins: `Layout.blob`, for whoever asks it of every row and needs nothing else. */
export function blobAt(
  rowCount: number,
  refCount: number,
  stringCount: number,
  stoppedCount: number,
  visitorCount: number,
): number {
  return (
    HEADER_BYTES +
    ROW_BYTES * rowCount +
    4 * (refCount + stringCount) +
    STOPPED_BYTES * stoppedCount +
    VISITOR_BYTES * visitorCount
  );
}

/** Where each column of a record begins. */
export class Layout {
  readonly occurredAt = HEADER_BYTES;
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
    this.verdicts = this.stopped + 4 * STOPPED_WORDS * stoppedCount;
    this.types = this.verdicts + 2 * rowCount;
    this.flags = this.types + rowCount;
    this.blob = this.flags + rowCount;
  }
}

/** Typed views on the columns of a record. */
export class Columns {
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
    this.occurredAt = new Float64Array(buffer, at + layout.occurredAt, rowCount);
    this.valueMicros = new Float64Array(buffer, at + layout.valueMicros, rowCount);
    this.fingerprints = new Uint32Array(buffer, at + layout.fingerprints, rowCount * FINGERPRINT_WORDS);
    this.visitors = new Uint32Array(buffer, at + layout.visitors, visitorCount * FINGERPRINT_WORDS);
    this.presence = new Uint32Array(buffer, at + layout.presence, rowCount);
    this.refs = new Uint32Array(buffer, at + layout.refs, layout.refCount);
    this.ends = new Uint32Array(buffer, at + layout.ends, layout.stringCount);
    this.stopped = new Uint32Array(buffer, at + layout.stopped, layout.stoppedCount * STOPPED_WORDS);
    this.verdicts = new Uint16Array(buffer, at + layout.verdicts, rowCount);
    this.types = new Uint8Array(buffer, at + layout.types, rowCount);
    this.flags = new Uint8Array(buffer, at + layout.flags, rowCount);
  }
}
