/** Which commands were sent, and what was answered. The same command must never get two answers. */
import type { ActorKind } from '../../../model/command.ts';
import type { Ledger } from './ledger.ts';

/** An answer, as far as the oracle looks into it. */
export interface Answer {
  readonly ok: boolean;
}

/** Whom a command is for. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

interface Request {
  readonly actor: Actor;
  readonly name: string;
  attempts: number;
  /** The answer that a success was told with. */
  success: string | undefined;
}

export class CommandBook {
  readonly #ledger: Ledger;
  readonly #requests = new Map<string, Request>();
  /** By command id: its answer as text. */
  readonly #answers = new Map<string, string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Notes a command under a new request id. */
  request(actor: Actor, name: string): string {
    const requestId = `${actor.id}.${name}.${this.#requests.size}`;
    this.#requests.set(requestId, { actor, name, attempts: 0, success: undefined });
    return requestId;
  }

  /** Notes an attempt, and gives it a command id. */
  attempt(requestId: string): string {
    return `${requestId}#${++this.#of(requestId).attempts}`;
  }

  /** An owner has answered a command: not necessarily the first. */
  answered(commandId: string, answer: Answer): void {
    const text = JSON.stringify(answer);
    const known = this.#answers.get(commandId);
    if (known !== undefined && known !== text)
      this.#ledger.fail(`${commandId} was answered ${known} and then ${text}`);
    this.#answers.set(commandId, text);
    if (!answer.ok) return;
    const request = this.#of(commandId.slice(0, commandId.indexOf('#')));
    // A payout is known by its reference: asked for again, it tells what has become of it.
    if (request.actor.kind !== 'payout' && request.success !== undefined && request.success !== text)
      this.#ledger.fail(
        `${commandId} repeats a command that was answered ${request.success}, and got ${text}`,
      );
    request.success = text;
  }

  /** Names of the commands to a campaign that succeeded. */
  successesOf(campaignId: string): string[] {
    return [...this.#requests.values()]
      .filter((request) => request.actor.id === campaignId && request.success !== undefined)
      .map(({ name }) => name);
  }

  /** Of each command of this name to a campaign, in the order of sending: whether it succeeded. */
  outcomesOf(campaignId: string, name: string): boolean[] {
    return [...this.#requests.values()]
      .filter((request) => request.actor.id === campaignId && request.name === name)
      .map(({ success }) => success !== undefined);
  }

  /**
   * How many of the commands to a campaign may have succeeded although nobody was told so: one attempt was
   * refused, and another, which had been held up, may have come when it was possible.
   */
  uncertainOf(campaignId: string): number {
    return [...this.#requests].filter(([requestId, request]) => {
      if (request.actor.id !== campaignId || request.success !== undefined) return false;
      const attempts = Array.from({ length: request.attempts }, (_, index) => `${requestId}#${index + 1}`);
      return attempts.some((commandId) => !this.#answers.has(commandId));
    }).length;
  }

  #of(requestId: string): Request {
    const request = this.#requests.get(requestId);
    if (request === undefined) throw new Error(`nobody sent ${requestId}`);
    return request;
  }
}
