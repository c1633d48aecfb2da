/** What comes with a command besides its content. */
import type { CommandContext } from '../application/command.ts';
import { checkedRequestId, OPERATOR } from '../application/request.ts';

/** @throws TurnpikeError `invalid_argument` if the request id is not well-formed */
export function contextOf(requestId: string, etag: string): CommandContext {
  return {
    principal: OPERATOR,
    ...(requestId && { requestId: checkedRequestId(requestId, 'request_id') }),
    ...(etag && { etag }),
  };
}
