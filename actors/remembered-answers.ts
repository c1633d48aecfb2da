/** Answers to commands that an actor remembers, in its state: a command that is repeated gets its first answer. */
import { limits } from '../limits.ts';
import type { Command, CommandAnswer } from '../model/command.ts';

export interface RememberedAnswer<View = unknown> {
  readonly requestId: string;
  readonly name: string;
  readonly answer: CommandAnswer<View>;
}

/** The first answer to a repeated command; that its request id stands for another one, if it does. */
export function rememberedAnswer<View>(
  answers: readonly RememberedAnswer<View>[],
  { requestId, name }: Command,
): CommandAnswer<View> | undefined {
  if (requestId === undefined) return undefined;
  const entry = answers.find((candidate) => candidate.requestId === requestId);
  if (!entry) return undefined;
  if (entry.name === name) return entry.answer;
  return {
    ok: false,
    failure: {
      code: 'invalid_argument',
      message: `request id ${requestId} was used for ${entry.name} before; use a new one`,
    },
  };
}

/**
 * Remembers the answer to a command that was carried out, and forgets the oldest beyond `limits.commandAnswers`.
 * A refusal changed nothing, so it needs no memory: asking again is harmless and may succeed.
 */
export function rememberAnswer<View>(
  answers: RememberedAnswer<View>[],
  { requestId, name }: Command,
  answer: CommandAnswer<View>,
): void {
  if (requestId === undefined || !answer.ok) return;
  answers.push({ requestId, name, answer });
  if (answers.length > limits.commandAnswers) answers.shift();
}
