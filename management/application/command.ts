/** Commands as management sends them to actors, and what comes back. */
import type { ActorKind, Command, CommandAnswer, Principal } from '../../model/command.ts';
import { TurnpikeError } from '../../model/errors.ts';

/** What comes with a command besides its content. */
export interface CommandContext {
  readonly principal: Principal;
  /** Idempotency key. */
  readonly requestId?: string;
  /** The etag that the actor's subject must have. */
  readonly etag?: string;
}

/** Whom a command is for, and what it asks. */
export type Order = Pick<Command, 'actorId' | 'name' | 'payload'> & { readonly actorKind: ActorKind };

/** @param commandId a UUIDv7, of this one attempt */
export function commandOf(
  commandId: string,
  { actorKind, actorId, name, payload }: Order,
  { principal, requestId, etag }: CommandContext,
): Command {
  return {
    commandId,
    actorKind,
    actorId,
    name,
    payload,
    principal,
    ...(requestId !== undefined && { requestId }),
    ...(etag !== undefined && { etag }),
  };
}

/**
 * The view of a command that was carried out. The gateway carries the answers of all actors: whoever sent the
 * command knows what its view is.
 *
 * @throws TurnpikeError why it was not
 */
export function viewOf<View>(answer: CommandAnswer): View {
  if (!answer.ok) throw new TurnpikeError(answer.failure);
  return answer.view as View;
}
