/**
 * How keys of documents lie in a NATS bucket. NATS separates the parts of a subject by dots, knows no empty
 * part, and finds everything below a part at once. So
 *
 *     /  and  .   change places
 *     an empty part becomes `=`, and a part of n `=` alone becomes n + 1 of them
 *
 * The bucket holds three kinds of entries: documents, pieces of large documents, and leases:
 *
 *     d.<key>     c.<key>.<generation>.<number>     l.<name>
 */
import { fail } from '../../model/errors.ts';

/** A subject must fit a line of the protocol with its reply subject. */
const KEY_LENGTH = 1_978;

/** @throws TurnpikeError `invalid_argument` for a key that cannot be stored, see `keyPart` */
export function checkKey(key: string): void {
  if (key.length === 0) fail('invalid_argument', 'the key of a snapshot is empty');
  if (key.length > KEY_LENGTH)
    fail(
      'invalid_argument',
      `the key of a snapshot has ${key.length} bytes, more than ${KEY_LENGTH}: ${key.slice(0, 80)}…`,
    );
  if (!/^[A-Za-z0-9_=.\-/]+$/.test(key))
    fail('invalid_argument', `the key of a snapshot has characters that are not allowed: ${key}`);
}

/** The key as parts of a subject. */
export function subjectOf(key: string): string {
  return key
    .split('/')
    .map((part) => (/^=*$/.test(part) ? `=${part}` : part.replaceAll('.', '/')))
    .join('.');
}

/** The key whose `subjectOf` this is. */
export function keyOf(subject: string): string {
  return subject
    .split('.')
    .map((part) => (/^=+$/.test(part) ? part.slice(1) : part.replaceAll('/', '.')))
    .join('/');
}

/** The narrowest filter of subjects that all keys with this prefix pass; others may pass it too. */
export function filterOf(prefix: string): string {
  const lastSlash = prefix.lastIndexOf('/');
  return lastSlash < 0 ? '>' : `${subjectOf(prefix.slice(0, lastSlash))}.>`;
}
