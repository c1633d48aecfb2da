/** Management: sends commands through the log until they are answered, and puts questions to the actors. */
import type { EventDecision } from '../../../model/actor-gateway.ts';
import type { CampaignDefinition, CampaignMetrics, CampaignView } from '../../../model/campaign.ts';
import type { CommandAnswer } from '../../../model/command.ts';
import { partitionOf } from '../../../model/fingerprint.ts';
import { encodeCommand } from '../../../model/record.ts';
import type { Log } from '../../../storage/log/port.ts';
import type { CommandBook } from '../oracle/command-book.ts';
import { SimulatedProcess } from '../process.ts';
import type { Site } from '../site.ts';
import type { NodeHost, Question, ToCluster } from './node.ts';

const COMMAND_MS = 4_000;
const QUESTION_MS = 3_000;
const PAUSE_MS = 300;

type Open<Q> = Q extends Question ? Omit<Q, 'id'> : never;
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
  readonly #answers = new Map<string, (answer: CommandAnswer) => void>();
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #questions = 0;

  constructor(site: Site, nodes: readonly NodeHost[], book: CommandBook) {
    this.#site = site;
    this.#nodes = nodes;
    this.#book = book;
    this.#log = site.log.handle(new SimulatedProcess(site.world, 'management', 0, false));
  }

  partitionOf(campaignId: string): number {
    return partitionOf(campaignId, this.#site.log.partitions.length);
  }

  /** A node tells something. */
  hear(message: Exclude<ToCluster, { kind: 'summary' }>): void {
    if (message.kind === 'answer') {
      this.#book.answered(message.commandId, message.answer);
      this.#answers.get(message.commandId)?.(message.answer);
    } else this.#replies.get(message.id)?.(message);
  }

  /** Sends a command, again and again with the same request id, until it is answered. */
  async execute(campaignId: string, name: string, payload: CampaignDefinition | object): Promise<void> {
    const { world } = this.#site;
    const requestId = this.#book.request(campaignId, name);
    // Some are in a hurry, and send it twice at once.
    if (world.random.chance(0.2)) void this.#attempt(campaignId, name, payload, requestId);
    while (!(await this.#attempt(campaignId, name, payload, requestId))) await world.sleep(PAUSE_MS);
  }

  /** Sends a command once; whether it was answered. */
  async #attempt(campaignId: string, name: string, payload: object, requestId: string): Promise<boolean> {
    const { world } = this.#site;
    const commandId = this.#book.attempt(requestId);
    const answer = new Promise<boolean>((resolve) => {
      this.#answers.set(commandId, () => resolve(true));
      world.after(COMMAND_MS, () => resolve(false));
    });
    const command = {
      commandId,
      actorKind: 'campaign' as const,
      actorId: campaignId,
      name,
      payload,
      principal: { subject: 'simulation' },
      requestId,
    };
    try {
      await this.#log.append(this.partitionOf(campaignId), commandId, encodeCommand(command));
    } catch {
      return false;
    }
    return answer;
  }

  /** The live figures, once somebody tells them. */
  async metrics(campaignId: string): Promise<CampaignMetrics | undefined> {
    const reply = await this.#askUntilAnswered(this.#query(campaignId, 'metrics'));
    return reply.value as CampaignMetrics | undefined;
  }

  async campaign(campaignId: string): Promise<CampaignView | undefined> {
    const reply = await this.#askUntilAnswered(this.#query(campaignId, 'campaign'));
    return reply.value as CampaignView | undefined;
  }

  /** Resolves when everything up to `sequence` is said to be in the warehouse. */
  async settled(partition: number, sequence: number): Promise<void> {
    await this.#askUntilAnswered({ kind: 'settled', partition, sequence });
  }

  /** What the actor says of an event, if it still knows. */
  async decision({ partition, sequence, row }: Place): Promise<EventDecision | undefined> {
    const reply = await this.#ask({ kind: 'decision', partition, sequence, row });
    return reply?.value as EventDecision | undefined;
  }

  #query(campaignId: string, query: 'metrics' | 'campaign'): Open<Question> {
    const partition = this.partitionOf(campaignId);
    const sequence = this.#site.log.last(partition);
    return { kind: 'query', partition, sequence, campaignId, query };
  }

  async #askUntilAnswered(question: Open<Question>): Promise<Reply> {
    for (;;) {
      const reply = await this.#ask(question);
      if (reply && !reply.failure) return reply;
      await this.#site.world.sleep(PAUSE_MS);
    }
  }

  /** Asks one of the nodes that work the partition; nothing if there is none, or it does not answer. */
  #ask(question: Open<Question>): Promise<Reply | undefined> {
    const { world } = this.#site;
    const id = ++this.#questions;
    const start = world.random.integer(0, this.#nodes.length - 1);
    const order = this.#nodes.map((_, index) => this.#nodes[(start + index) % this.#nodes.length]);
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      world.after(QUESTION_MS, () => resolve(undefined));
      world.after(world.latency(), () => {
        if (!order.some((node) => node?.ask({ ...question, id }))) resolve(undefined);
      });
    });
  }
}
