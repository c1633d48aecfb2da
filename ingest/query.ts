/** Queries and forms (`application/x-www-form-urlencoded`), read in one pass and without an object per pair. */

/**
 * Calls `accept` with every name and value of `text`, decoded, in order. Text that is not validly
 * percent-encoded is passed on as it stands.
 */
export function readQuery(text: string, accept: (name: string, value: string) => void): void {
  const length = text.length;
  const isEncoded = text.includes('%') || text.includes('+');
  let start = 0;
  while (start < length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = length;
    if (end > start) {
      const equals = text.indexOf('=', start);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      const name = text.slice(start, nameEnd);
      const value = text.slice(Math.min(nameEnd + 1, end), end);
      if (isEncoded) accept(decode(name), decode(value));
      else accept(name, value);
    }
    start = end + 1;
  }
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
