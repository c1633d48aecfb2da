/**
 * Documents too large for one message. They are cut into pieces, which nobody sees: the document's own
 * entry, written last, names the generation of pieces that it consists of. So a reader sees the old
 * document or the new one, whole.
 *
 * Pieces that no entry names are left over: of documents that were replaced or deleted, and of writers that
 * died. They are removed once they are old, and not sooner: a writer may be about to name them.
 */
import { nuid } from '@nats-io/transport-node';
import { fail } from '../../model/errors.ts';
import type { Entry, NatsBucket } from './nats-bucket.ts';
import { subjectOf } from './nats-keys.ts';

const PIECE_BYTES = 512 * 1024;
/** Pieces under way at a time. */
const PIECES_AT_ONCE = 4;
const DOCUMENT_BYTES = 64 * 1024 * 1024;
/** Pieces without a name may be removed after this time, and a writer may name his for this long. */
const LEFT_OVER_MS = 10 * 60_000;
const NAMING_MS = 60_000;

/** Header of an entry whose document lies in pieces: `<generation> <bytes>`. */
export const PIECES_HEADER = 'Turnpike-Pieces';

/**
 * Writes the pieces of a document, and gives the header that names them. It must be written at once.
 *
 * @throws TurnpikeError `invalid_argument` if it is too large even for that
 */
export async function writePieces(bucket: NatsBucket, key: string, value: Uint8Array): Promise<string> {
  const bytes = value.byteLength;
  if (bytes > DOCUMENT_BYTES)
    fail('invalid_argument', `the snapshot ${key} has ${bytes} bytes, more than ${DOCUMENT_BYTES}`);
  const deadline = performance.now() + NAMING_MS;
  // Never used again: what is left over of it may be removed whatever writers do meanwhile.
  const generation = nuid.next();
  await forEach(countOf(bytes), async (number) => {
    const data = value.subarray(number * PIECE_BYTES, (number + 1) * PIECE_BYTES);
    await bucket.write({ subject: pieceSubject(key, generation, number), data });
  });
  if (performance.now() > deadline) fail('unavailable', `the snapshot ${key} was not written in time`);
  return `${generation} ${bytes}`;
}

/** The document that an entry stands for, or `undefined` if pieces of it are missing. */
export async function readDocument(
  bucket: NatsBucket,
  key: string,
  entry: Entry,
): Promise<Uint8Array | undefined> {
  // Copies: what the client hands out is a part of something larger, at any address.
  const header = entry.header(PIECES_HEADER);
  if (header === '') return new Uint8Array(entry.data);
  const [generation = '', bytes = ''] = header.split(' ');
  const value = new Uint8Array(Number(bytes));
  let isWhole = true;
  await forEach(countOf(value.byteLength), async (number) => {
    const piece = await bucket.last(pieceSubject(key, generation, number));
    if (piece) value.set(piece.data, number * PIECE_BYTES);
    else isWhole = false;
  });
  return isWhole ? value : undefined;
}

/** Removes pieces that are old and that no entry names. */
export async function removeLeftOvers(bucket: NatsBucket, ageMs = LEFT_OVER_MS): Promise<void> {
  const pieces = await bucket.subjects('c.>');
  if (pieces.length === 0) return;
  const { revision: last, writtenAt } = await bucket.end();
  const old = writtenAt.getTime() - ageMs;
  const generations = new Set(pieces.map((piece) => piece.slice(0, piece.lastIndexOf('.'))));
  for (const generation of generations) {
    const [first] = pieces.filter((piece) => piece.startsWith(`${generation}.`));
    const piece = await bucket.last(first as string);
    if (!piece || piece.storedAt.getTime() > old) continue;
    // Read after the piece: an entry that names it has been written by now, or never will be.
    const [, subject = '', name = ''] = /^c\.(.+)\.(\w+)$/.exec(generation) ?? [];
    const entry = await bucket.last(`d.${subject}`);
    if (!entry?.header(PIECES_HEADER).startsWith(`${name} `)) await bucket.remove(`${generation}.*`, last);
  }
}

export function documentSubject(key: string): string {
  return `d.${subjectOf(key)}`;
}

function pieceSubject(key: string, generation: string, number: number): string {
  return `c.${subjectOf(key)}.${generation}.${number}`;
}

function countOf(bytes: number): number {
  return Math.ceil(bytes / PIECE_BYTES);
}

/** Calls `action` with 0, 1, … `count` − 1, a few at a time. */
async function forEach(count: number, action: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: PIECES_AT_ONCE }, run));
}
