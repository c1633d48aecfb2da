/** Request headers that make commands safe to repeat and safe against each other. */
import type { IncomingHttpHeaders } from 'node:http';
import type { CommandContext } from '../../application/command.ts';
import { checkedRequestId, OPERATOR } from '../../application/request.ts';
import { refuse } from '../../application/violations.ts';

/** @throws TurnpikeError `invalid_argument` if a header is not well-formed */
export function contextOf(headers: IncomingHttpHeaders): CommandContext {
  const key = headers['idempotency-key'];
  const etag = etagOf(headers['if-match']);
  return {
    principal: OPERATOR,
    ...(key !== undefined && { requestId: checkedRequestId(String(key), 'Idempotency-Key') }),
    ...(etag !== undefined && { etag }),
  };
}

/** The etag that `If-Match` demands; `undefined` for none or for any (`*`). */
function etagOf(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const etag = /^\s*"([\x21\x23-\x7e]+)"\s*$/.exec(header)?.[1];
  if (etag === undefined) {
    refuse([
      { field: 'If-Match', description: 'must be * or one strong etag in double quotes, such as "3"' },
    ]);
  }
  return etag;
}

/** The `ETag` header of a campaign. */
export function etagHeader(etag: string): string {
  return `"${etag}"`;
}
