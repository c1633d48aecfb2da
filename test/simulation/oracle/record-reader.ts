/**
 * Reads log records on its own: the oracle must not believe what the system's reader says. Written from
 * the description of the format in `model/event-batch.ts`.
 */

/** One event of a record. */
export interface StoredRow {
  readonly eventId: string;
  readonly campaignId: string;
  /** 0: left to the actor; else the collector's own reason. */
  readonly verdict: number;
  readonly type: number;
}

/** Events that the filter stopped, counted. */
export interface StoredCount {
  readonly campaignId: string;
  readonly reason: number;
  readonly count: number;
}

export interface StoredEvents {
  readonly rows: readonly StoredRow[];
  readonly stopped: readonly StoredCount[];
}

const EVENTS = 1;
const HEADER_BYTES = 32;
/** Bits of a row's presence: event id and campaign id are the first two of the strings. */
const EVENT_ID = 1;
const CAMPAIGN_ID = 2;

/** A replay of a dead letter that a command asks for. */
export interface AskedReplay {
  readonly letterId: string;
  readonly campaignId: string;
  readonly eventId: string;
}

const COMMAND = 2;

/** What a record asks to be replayed, if it does. */
export function readReplay(data: Uint8Array): AskedReplay | undefined {
  if (data[0] !== COMMAND) return undefined;
  const text = Buffer.from(data).toString('utf8', 1);
  // Others may be broken.
  if (!text.includes('"name":"replay_letter"')) return undefined;
  const { actorId, payload } = JSON.parse(text);
  const [row] = readEvents(Buffer.from(payload.record, 'base64'))?.rows ?? [];
  return { letterId: payload.letterId, campaignId: actorId, eventId: row?.eventId ?? '' };
}

const MESSAGES = 4;
/** The kind, and the number of messages. */
const MESSAGES_HEADER = 5;

/** Messages of one block of a partition to another one. */
export interface StoredMessages {
  readonly from: number;
  readonly upTo: number;
  /** How many of them lie in records before this one. */
  readonly first: number;
  readonly messages: readonly StoredMessage[];
}

export interface StoredMessage {
  readonly actorKind: string;
  readonly actorId: string;
  readonly name: string;
  readonly payload: unknown;
}

/** The messages of a record; `undefined` if it is of another kind. */
export function readMessages(data: Uint8Array): StoredMessages | undefined {
  if (data[0] !== MESSAGES) return undefined;
  return JSON.parse(Buffer.from(data).toString('utf8', MESSAGES_HEADER)) as StoredMessages;
}

/** The events of a record; `undefined` if it is of another kind. */
export function readEvents(data: Uint8Array): StoredEvents | undefined {
  if (data[0] !== EVENTS) return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const [rows, refs, strings, stopped, visitors] = [4, 8, 12, 16, 20].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const presenceAt = HEADER_BYTES + rows * (8 + 8 + 12) + visitors * 12;
  const refsAt = presenceAt + rows * 4;
  const endsAt = refsAt + refs * 4;
  const stoppedAt = endsAt + strings * 4;
  const verdictsAt = stoppedAt + stopped * 16;
  const typesAt = verdictsAt + rows * 2;
  const blobAt = typesAt + rows * 2;
  const text = bytes.toString('utf8', blobAt);
  const end = (index: number): number => (index < 0 ? 0 : bytes.readUInt32LE(endsAt + index * 4));
  const string = (index: number): string => text.slice(end(index - 1), end(index));

  let ref = refsAt;
  const found: StoredRow[] = [];
  for (let row = 0; row < rows; row++) {
    const presence = bytes.readUInt32LE(presenceAt + row * 4);
    if ((presence & EVENT_ID) === 0 || (presence & CAMPAIGN_ID) === 0)
      throw new Error(`row ${row} of a record has no event id or no campaign`);
    found.push({
      eventId: string(bytes.readUInt32LE(ref)),
      campaignId: string(bytes.readUInt32LE(ref + 4)),
      verdict: bytes.readUInt16LE(verdictsAt + row * 2),
      type: bytes.readUInt8(typesAt + row),
    });
    for (let left = presence; left !== 0; left &= left - 1) ref += 4;
  }
  const counts: StoredCount[] = [];
  for (let index = 0; index < stopped; index++) {
    const at = stoppedAt + index * 16;
    counts.push({
      campaignId: string(bytes.readUInt32LE(at)),
      reason: bytes.readUInt32LE(at + 8) >>> 8,
      count: bytes.readUInt32LE(at + 12),
    });
  }
  return { rows: found, stopped: counts };
}
