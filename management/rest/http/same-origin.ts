/** Keeps other web sites from sending commands through a visitor's browser. */
import type { IncomingHttpHeaders } from 'node:http';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may have come from a page of somebody else. Browsers name the page's origin in every request
 * that could change something, also where the page may not read the answer; other clients name none.
 */
export function isForeign(method: string, headers: IncomingHttpHeaders): boolean {
  return !SAFE_METHODS.has(method) && isOfForeignPage(headers);
}

/** Whether the page that makes a browser send a request is somebody else's. */
export function isOfForeignPage({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
