/** Management: sends commands through the log until they are answered, and puts questions to the actors. */
import type { Question } from '../../../actors/node/thread-messages.ts';
import type { EventDecision, Query, QueryAnswers } from '../../../model/actor-gateway.ts';
import type { CommandAnswer } from '../../../model/command.ts';
import {
  type EventLetter,
  type KeptLetter,
  letterPrefix,
  lettersOf,
  REPLAY_LETTER,
} from '../../../model/dead-letter.ts';
import { partitionOf } from '../../../model/fingerprint.ts';
import { encodeCommand } from '../../../model/record.ts';
import type { Log } from '../../../storage/log/port.ts';
import type { Actor, CommandBook } from '../oracle/command-book.ts';
import { SimulatedProcess } from '../process.ts';
import type { Site } from '../site.ts';
import type { NodeHost, ToCluster } from './node.ts';

const QUESTION_MS = 3_000;
const PAUSE_MS = 300;

type Reply = Extract<ToCluster, { kind: 'reply' }>;

/** Where an event lies in the log. */
interface Place {
  readonly partition: number;
  readonly sequence: number;
  readonly row: number;
}

export class Management {
  readonly #site: Site;
  readonly #nodes: readonly NodeHost[];
  readonly #book: CommandBook;
  readonly #log: Log;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #questions = 0;
  #replays = 0;

  constructor(site: Site, nodes: readonly NodeHost[], book: CommandBook) {
    this.#site = site;
    this.#nodes = nodes;
    this.#book = book;
    this.#log = site.log.handle(new SimulatedProcess(site.world, 'management', 0, false));
  }

  partitionOf(actorId: string): number {
    return partitionOf(actorId, this.#site.log.partitions.length);
  }

  /** A node answers a question: not necessarily as the first one. */
  hear(reply: Reply): void {
    this.#replies.get(reply.id)?.(reply);
  }

  /** Sends a command, again and again with the same request id, until it is answered. */
  async execute(actor: Actor, name: string, payload: object): Promise<CommandAnswer> {
    const { world } = this.#site;
    const requestId = this.#book.request(actor, name);
    const insist = async (): Promise<CommandAnswer> => {
      for (;;) {
        const answer = await this.#attempt(actor, name, payload, requestId);
        if (answer) return answer;
        await world.sleep(PAUSE_MS);
      }
    };
    // Some are in a hurry, and send it twice at once. Each may be the one that succeeds.
    const answers = await Promise.all(world.random.chance(0.2) ? [insist(), insist()] : [insist()]);
    return answers.find(({ ok }) => ok) ?? (answers[0] as CommandAnswer);
  }

  /** Sends a command once; the answer, if there was one. */
  async #attempt(
    { kind, id }: Actor,
    name: string,
    payload: object,
    requestId: string,
  ): Promise<CommandAnswer | undefined> {
    const commandId = this.#book.attempt(requestId);
    const command = {
      commandId,
      actorKind: kind,
      actorId: id,
      name,
      payload,
      principal: { subject: 'simulation' },
      requestId,
    };
    const partition = this.partitionOf(id);
    try {
      const sequence = await this.#log.append(partition, commandId, encodeCommand(command));
      const reply = await this.#ask(partition, { kind: 'command', sequence, commandId }, (answer) => {
        if (answer.value !== undefined) this.#book.answered(commandId, answer.value as CommandAnswer);
      });
      return reply?.value as CommandAnswer | undefined;
    } catch {
      return undefined;
    }
  }

  /** Asks for the replay of every letter that is kept now, of some twice at once, until each is answered. */
  async replayLetters(): Promise<void> {
    const { world } = this.#site;
    const replay = async (letter: EventLetter): Promise<void> => {
      while (!(await this.#replay(letter))) await world.sleep(PAUSE_MS);
    };
    const asked = (await this.letters()).flatMap(({ letter }) => {
      if (letter.kind !== 'EVENT') return [];
      return world.random.chance(0.3) ? [letter, letter] : [letter];
    });
    await Promise.all(asked.map(replay));
  }

  /** The letters that are kept now. */
  async letters(): Promise<KeptLetter[]> {
    const { documents } = this.#site.snapshots;
    const sorted = [...documents].sort(([a], [b]) => (a < b ? -1 : 1));
    const found: KeptLetter[] = [];
    for await (const letter of lettersOf(kept(sorted))) found.push(letter);
    return found;
  }

  /** Asks for a replay once; whether it was answered. */
  async #replay({ id, campaignId, record }: EventLetter): Promise<boolean> {
    const commandId = `replay-${++this.#replays}`;
    const command = {
      commandId,
      actorKind: 'campaign' as const,
      actorId: campaignId,
      name: REPLAY_LETTER,
      payload: { letterId: id, record },
      principal: { subject: 'simulation' },
    };
    const partition = this.partitionOf(campaignId);
    const { ledger } = this.#site;
    let first: string | undefined;
    try {
      const sequence = await this.#log.append(partition, commandId, encodeCommand(command));
      const reply = await this.#ask(partition, { kind: 'command', sequence, commandId }, ({ value }) => {
        if (value === undefined) return;
        const text = JSON.stringify(value);
        first ??= text;
        if (first !== text) ledger.fail(`${commandId} was answered ${first} and then ${text}`);
      });
      return reply?.value !== undefined;
    } catch {
      return false;
    }
  }

  /** What an actor says of itself, once somebody tells it: with everything that is in its log by now. */
  async query<K extends Query['kind']>(actorId: string, query: K): Promise<QueryAnswers[K]> {
    const partition = this.partitionOf(actorId);
    const sequence = this.#site.log.last(partition);
    const reply = await this.#askUntilAnswered(partition, { kind: 'query', sequence, actorId, query });
    return reply.value as QueryAnswers[K];
  }

  /** Resolves when everything up to `sequence` is said to be in the warehouse. */
  async settled(partition: number, sequence: number): Promise<void> {
    await this.#askUntilAnswered(partition, { kind: 'settled', sequence });
  }

  /** What the actor says of an event, if it still knows. */
  async decision({ partition, sequence, row }: Place): Promise<EventDecision | undefined> {
    const reply = await this.#ask(partition, { kind: 'decision', sequence, row });
    return reply?.value as EventDecision | undefined;
  }

  async #askUntilAnswered(partition: number, question: Question): Promise<Reply> {
    for (;;) {
      const reply = await this.#ask(partition, question);
      if (reply && !reply.failure) return reply;
      await this.#site.world.sleep(PAUSE_MS);
    }
  }

  /**
   * Asks the nodes that work the partition; nothing if there is none, or none answers.
   *
   * @param hear is told every answer, also after the first
   */
  #ask(
    partition: number,
    question: Question,
    hear: (reply: Reply) => void = () => undefined,
  ): Promise<Reply | undefined> {
    const { world } = this.#site;
    const id = ++this.#questions;
    return new Promise((resolve) => {
      this.#replies.set(id, (reply) => {
        hear(reply);
        resolve(reply);
      });
      world.after(QUESTION_MS, () => resolve(undefined));
      world.after(world.latency(), () => {
        if (this.#nodes.filter((node) => node.ask(id, partition, question)).length === 0) resolve(undefined);
      });
    });
  }
}

/** Of the documents of the snapshots, those of letters. */
async function* kept(
  documents: readonly (readonly [string, { readonly value: Uint8Array }])[],
): AsyncGenerator<{ readonly key: string; readonly value: Uint8Array }> {
  for (const [key, { value }] of documents) if (key.startsWith(letterPrefix())) yield { key, value };
}
