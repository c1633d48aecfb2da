/** Tokens of pages: where a page ended, tied to what was listed. Opaque to clients. */
import { createHash } from 'node:crypto';
import { refuse } from './violations.ts';

/** Part of a place in a list. */
type Part = string | number;

/** With other filters a place would mean nothing, so a token names the list that it is of. */
function tagOf(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 8);
}

/**
 * The token of the page that begins after `place`.
 *
 * @param list what is listed and by which filters: JSON
 */
export function encodePageToken(list: readonly unknown[], place: readonly Part[]): string {
  return Buffer.from(JSON.stringify([tagOf(list), ...place])).toString('base64url');
}

/**
 * The place that a token names.
 *
 * @param example a place of the list: the token's must have parts of the same types
 * @throws TurnpikeError `invalid_argument` if it is not a token of this list
 */
export function decodePageToken<Place extends readonly Part[]>(
  token: string,
  list: readonly unknown[],
  example: Place,
): { [Index in keyof Place]: Place[Index] extends number ? number : string } {
  const [tag, ...parts] = tokenParts(token);
  if (parts.length !== example.length || parts.some((part, at) => !isLike(part, example[at] as Part))) {
    refuse([
      { field: 'page_token', description: 'must be the next_page_token of the page before, unchanged' },
    ]);
  }
  if (tag !== tagOf(list)) {
    refuse([
      { field: 'page_token', description: 'belongs to a list with other filters: keep them the same' },
    ]);
  }
  return parts as { [Index in keyof Place]: Place[Index] extends number ? number : string };
}

/** Numbers in places are counts and times: whole and not negative. */
function isLike(part: unknown, example: Part): boolean {
  if (typeof example === 'string') return typeof part === 'string';
  return Number.isSafeInteger(part) && (part as number) >= 0;
}

function tokenParts(token: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Not a token of ours: the caller says so.
    return [];
  }
}
