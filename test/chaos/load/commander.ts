/**
 * Pauses and resumes a campaign, again and again, with an idempotency key for each command. A command whose
 * answer was lost is sent again; some are sent again although they were answered.
 */
import type { SeededRandom } from '../../../cli/demo/random.ts';
import type { Ledger } from './ledger.ts';
import type { ManagementClients } from './management-clients.ts';

export interface SentCommand {
  readonly verb: 'pause' | 'resume';
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly firstSentAt: number;
  answeredAt: number | undefined;
  /** Status and body of the first answer. */
  answer: string;
}

const PAUSED_MS = [1_000, 5_000] as const;
const ACTIVE_MS = [2_000, 8_000] as const;
const REPEATED = 0.4;

export class Commander {
  readonly #clients: ManagementClients;
  readonly #campaignId: string;
  readonly #random: SeededRandom;
  readonly #ledger: Ledger;
  readonly commands: SentCommand[] = [];

  constructor(clients: ManagementClients, campaignId: string, random: SeededRandom, ledger: Ledger) {
    this.#clients = clients;
    this.#campaignId = campaignId;
    this.#random = random;
    this.#ledger = ledger;
  }

  /** Goes on until `isOver`; leaves the campaign running. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#wait(ACTIVE_MS, isOver);
      if (isOver()) return;
      await this.#command('pause');
      await this.#wait(PAUSED_MS, isOver);
      await this.#command('resume');
    }
  }

  /** Sends the latest commands once more: they must have happened once, and their answers stay. */
  async repeatLatest(count: number): Promise<void> {
    for (const command of this.commands.slice(-count)) await this.#repeat(command);
  }

  async #command(verb: SentCommand['verb']): Promise<void> {
    const key = `${this.#campaignId}-${this.commands.length}`;
    const command: SentCommand = { verb, key, firstSentAt: Date.now(), answeredAt: undefined, answer: '' };
    this.commands.push(command);
    const answer = await this.#send(command);
    command.answeredAt = Date.now();
    command.answer = answer;
    if (!answer.startsWith('200 ')) this.#ledger.complain(`${verb} was answered with ${answer}`);
    if (this.#random.chance(REPEATED)) await this.#repeat(command);
  }

  async #repeat(command: SentCommand): Promise<void> {
    const again = await this.#send(command);
    if (again !== command.answer)
      this.#ledger.complain(`${command.key} was answered with ${command.answer}, and then with ${again}`);
  }

  async #send({ verb, key }: SentCommand): Promise<string> {
    const path = `/v1/campaigns/${this.#campaignId}:${verb}`;
    const body = JSON.stringify({ reason: key });
    const { status, body: text } = await this.#clients.ask('POST', path, { body, key });
    return `${status} ${text}`;
  }

  async #wait([least, most]: readonly [number, number], isOver: () => boolean): Promise<void> {
    const until = performance.now() + least + this.#random.below(most - least);
    while (performance.now() < until && !isOver()) await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
