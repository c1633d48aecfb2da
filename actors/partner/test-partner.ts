/** A partner in memory, for tests. */
import type { CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { PartnerDefinition, PartnerView, SlotView } from '../../model/partner.ts';
import type { Actor } from '../actor.ts';
import { command, NOON } from '../test-support.ts';
import { partnerActors } from './actor.ts';

export const usd = (units: number) => ({ micros: units * 1_000_000, currency: 'USD' });

export function partnerDefinition(overrides: Partial<PartnerDefinition> = {}): PartnerDefinition {
  return {
    name: 'Ana',
    kind: 'INFLUENCER',
    status: 'ACTIVE',
    permissions: { campaignCreation: true, advancedTargeting: false },
    limits: {},
    ...overrides,
  };
}

/** A partner actor and its log. */
export class TestPartner {
  readonly actor: Actor;
  readonly events: DomainEvent[] = [];
  #sequence = 0;

  private constructor(actor: Actor) {
    this.actor = actor;
  }

  static async create(saved?: Uint8Array): Promise<TestPartner> {
    const read = async () => saved && { value: saved, revision: 1 };
    return new TestPartner(await partnerActors().load('p1', read));
  }

  /** One that is registered. */
  static async registered(overrides: Partial<PartnerDefinition> = {}): Promise<TestPartner> {
    const partner = await TestPartner.create();
    partner.do('register', partnerDefinition(overrides));
    return partner;
  }

  do(
    name: string,
    payload: unknown,
    more: { requestId?: string; etag?: string; time?: number } = {},
  ): CommandAnswer {
    const { time = NOON, ...rest } = more;
    const sent = command(name, { actorKind: 'partner', actorId: 'p1', payload, ...rest });
    const answer = this.actor.command(sent, time, ++this.#sequence);
    this.events.push(...this.actor.takeDomainEvents());
    return answer;
  }

  /** Takes a slot for a campaign that may spend this much in a month. */
  take(campaignId: string, monthly?: number): CommandAnswer {
    const terms = { isAdvanced: false, ...(monthly !== undefined && { monthly: usd(monthly) }) };
    return this.do('take_slot', { campaignId, terms });
  }

  get view(): PartnerView {
    return this.actor.query('partner', NOON) as PartnerView;
  }

  get running(): string[] {
    return (this.actor.query('partner_campaigns', NOON)?.slots ?? []).map(({ campaignId }) => campaignId);
  }

  /** Its state as it is saved. */
  saved(): Uint8Array {
    return this.actor.save(this.#sequence)[0]?.value as Uint8Array;
  }
}

export function grantOf(answer: CommandAnswer): number {
  if (!answer.ok) throw new Error(answer.failure.message);
  return (answer.view as SlotView).grant;
}

/** The fields that a refusal names; none if it is none. */
export function fieldsOf(answer: CommandAnswer): string[] {
  return answer.ok ? [] : (answer.failure.violations ?? []).map(({ field }) => field);
}
