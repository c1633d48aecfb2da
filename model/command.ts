/** Commands: what management asks an actor to do. They travel through the log, in order with the events. */
import type { Failure } from './errors.ts';

/** Who asks: recorded with every change. */
export interface Principal {
  /** `system` for what fires by itself. */
  readonly subject: string;
}

/**
 * Kinds of actor. An actor's key is `kind/id`; its partition is that of its id. A partner's account has the id of
 * the partner.
 */
export type ActorKind = 'campaign' | 'partner' | 'account' | 'payout';

export interface Command {
  /** UUIDv7 of this command; its answer is addressed by it. */
  readonly commandId: string;
  readonly actorKind: ActorKind;
  readonly actorId: string;
  /** Verb of the actor: `create`, `pause`, … */
  readonly name: string;
  /** Plain JSON; checked by the sender, checked again by the actor's rules. */
  readonly payload: unknown;
  readonly principal: Principal;
  /** Idempotency key: a repeated command gets the first answer. */
  readonly requestId?: string;
  /** The state the sender has seen; another one fails the command with `aborted`. */
  readonly etag?: string;
  /** Of a campaign that a partner runs: the grant of the slot that it has taken for this. */
  readonly grant?: number;
}

/** An actor's answer: the view of itself after the command, or why not. */
export type CommandAnswer<View = unknown> =
  | { readonly ok: true; readonly view: View }
  | { readonly ok: false; readonly failure: Failure };
