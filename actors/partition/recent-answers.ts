/** The answers to the last commands of a partition, for those who wait for one. */
import { limits } from '../../limits.ts';
import type { CommandAnswer } from '../../model/command.ts';

export class RecentAnswers {
  /** By command id; insertion order is age. */
  readonly #answers = new Map<string, CommandAnswer>();

  put(commandId: string, answer: CommandAnswer): void {
    this.#answers.set(commandId, answer);
    if (this.#answers.size > limits.answersRemembered)
      this.#answers.delete(this.#answers.keys().next().value as string);
  }

  /** The answer to a command, if it is still known. */
  get(commandId: string): CommandAnswer | undefined {
    return this.#answers.get(commandId);
  }
}
