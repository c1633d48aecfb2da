/** A campaign whose documents are kept as a partition keeps them, for tests: blocks are closed, lives begin anew. */
import type { CampaignDefinition } from '../../model/campaign.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { CommissionsPayload } from '../../model/commissions.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { ActorDocument, EventActor } from '../actor.ts';
import { command, definition, type EventInput, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { decideAll } from './test-campaign.ts';

/** Its decisions are named by it. */
const PARTITION = 7;

/** What a partner's account was told. */
export interface ToldCommissions extends CommissionsPayload {
  readonly partnerId: string;
}

export class KeptCampaign {
  actor: EventActor;
  sequence = 2;
  time = NOON;
  /** What accounts were told, in order. */
  readonly told: ToldCommissions[] = [];
  readonly events: DomainEvent[] = [];
  readonly #documents = new Map<string, { value: Uint8Array; revision: number }>();
  #revision = 0;

  private constructor(actor: EventActor) {
    this.actor = actor;
  }

  /** A campaign that is not there yet. */
  static async none(): Promise<KeptCampaign> {
    return new KeptCampaign(await campaignActors(KEY).load('c1', async () => undefined, PARTITION));
  }

  static async draft(overrides: Partial<CampaignDefinition> = {}): Promise<KeptCampaign> {
    const kept = await KeptCampaign.none();
    kept.actor.command(command('create', { payload: definition(overrides) }), NOON, 1);
    return kept;
  }

  /** A campaign that runs. */
  static async start(overrides: Partial<CampaignDefinition> = {}): Promise<KeptCampaign> {
    const kept = await KeptCampaign.draft(overrides);
    kept.actor.command(command('activate'), NOON, 2);
    return kept;
  }

  /** The reason that is given for each event. */
  decide(...events: readonly EventInput[]): number[] {
    return decideAll(this.actor, events, this.time, ++this.sequence);
  }

  async command(name: string, overrides: Partial<Command> = {}): Promise<CommandAnswer> {
    const asked = command(name, overrides);
    await this.actor.prepare?.(asked, async (document) => this.#documents.get(document));
    return this.actor.command(asked, this.time, ++this.sequence);
  }

  refund(payload: object, overrides: Partial<Command> = {}): Promise<CommandAnswer> {
    return this.command('refund', { payload, ...overrides });
  }

  /** Closes a block and saves it. */
  close(): void {
    this.#save(this.#seal());
  }

  /** Closes a block of which nothing but the pages is saved, and begins a new life. */
  async fail(): Promise<void> {
    this.#save(this.#seal().filter(({ name }) => name !== 'state'));
    await this.restart();
  }

  /** Begins a new life from what is saved. */
  async restart(): Promise<void> {
    this.actor = await campaignActors(KEY).load('c1', async (name) => this.#documents.get(name), PARTITION);
  }

  #seal(): ActorDocument[] {
    this.events.push(...this.actor.takeDomainEvents());
    for (const { actorKind, actorId, name, payload } of this.actor.takeMessages())
      if (actorKind === 'account' && name === 'commissions')
        this.told.push({ partnerId: actorId, ...(payload as CommissionsPayload) });
    return this.actor.save(this.sequence);
  }

  #save(documents: readonly ActorDocument[]): void {
    for (const { name, value, stored, isOlderThan } of documents) {
      const found = this.#documents.get(name);
      if (stored && stored.revision === undefined) {
        stored.revision = found?.revision ?? 0;
        if (found && isOlderThan?.(found.value)) continue;
      }
      if (value) this.#documents.set(name, { value, revision: ++this.#revision });
      else this.#documents.delete(name);
      if (stored) stored.revision = this.#revision;
    }
  }
}
