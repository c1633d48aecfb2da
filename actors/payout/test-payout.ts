/** A payout in memory, for tests. */
import type { CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message } from '../../model/message.ts';
import type { PayoutRequest, PayoutView } from '../../model/payout.ts';
import { payoutIdOf } from '../../model/payout-id.ts';
import type { ReservedPayload } from '../../model/payout-messages.ts';
import type { GatewayNotice, TransferOrder, TransferOutcome } from '../../model/transfer.ts';
import type { Actor } from '../actor.ts';
import { command, NOON } from '../test-support.ts';
import { payoutActors } from './actor.ts';

export const PAYOUT_ID = payoutIdOf('ana', 'may');

export function payoutRequest(overrides: Partial<PayoutRequest> = {}): PayoutRequest {
  return {
    partnerId: 'ana',
    currency: 'USD',
    micros: 12_500_000,
    reference: 'may',
    isAdvance: false,
    ...overrides,
  };
}

export const RESERVED: ReservedPayload = {
  micros: '12500000',
  lots: [
    { campaignId: 'c1', releaseAt: NOON, micros: '10000000' },
    { campaignId: 'c2', releaseAt: NOON, micros: '2500000' },
  ],
  destination: 'acct_ana',
};

/** A payout actor and its log. */
export class TestPayout {
  actor: Actor;
  readonly events: DomainEvent[] = [];
  readonly messages: Message[] = [];
  readonly orders: TransferOrder[] = [];
  time = NOON;
  #sequence = 0;

  private constructor(actor: Actor) {
    this.actor = actor;
  }

  static async create(): Promise<TestPayout> {
    return new TestPayout(await payoutActors().load(PAYOUT_ID, async () => undefined));
  }

  static async requested(overrides: Partial<PayoutRequest> = {}): Promise<TestPayout> {
    const payout = await TestPayout.create();
    payout.do('request', payoutRequest(overrides));
    return payout;
  }

  /** One whose first attempt is under way. */
  static async processing(overrides: Partial<PayoutRequest> = {}): Promise<TestPayout> {
    const payout = await TestPayout.requested(overrides);
    payout.receive('reserved', RESERVED);
    return payout;
  }

  do(name: string, payload: unknown): CommandAnswer {
    const sent = command(name, { actorKind: 'payout', actorId: PAYOUT_ID, payload });
    const answer = this.actor.command(sent, this.time, ++this.#sequence);
    this.#take();
    return answer;
  }

  receive(name: string, payload: unknown): void {
    const message: Message = { actorKind: 'payout', actorId: PAYOUT_ID, name, payload };
    this.actor.receive(message, this.time, ++this.#sequence, { from: 0, upTo: this.#sequence });
    this.#take();
  }

  report(outcome: TransferOutcome, attempt = this.view.attempts): CommandAnswer {
    return this.do('report_transfer', { attempt, outcome });
  }

  notice(kind: GatewayNotice['kind'], more: Partial<GatewayNotice> = {}): CommandAnswer {
    return this.do('notice', { payoutId: PAYOUT_ID, transferId: 'tr_1', kind, ...more });
  }

  /** Lets time pass until it wants to be called. */
  wake(): void {
    const dueAt = this.actor.dueAt();
    if (dueAt === undefined) throw new Error('nothing is due');
    this.time = Math.max(this.time, dueAt);
    this.actor.onTime(this.time, ++this.#sequence);
    this.#take();
  }

  /** Goes on from what it has saved, as after a crash. */
  async restore(): Promise<void> {
    const value = this.saved();
    this.actor = await payoutActors().load(PAYOUT_ID, async () => value && { value, revision: 1 });
  }

  saved(): Uint8Array | undefined {
    return this.actor.save(this.#sequence)[0]?.value;
  }

  get view(): PayoutView {
    return this.actor.query('payout', this.time) as PayoutView;
  }

  /** Names of what its account was told, with what became of the money. */
  get told(): string[] {
    return this.messages.map(({ name, payload }) =>
      name === 'settle' ? `settle ${(payload as { isPaid: boolean }).isPaid ? 'paid' : 'unpaid'}` : name,
    );
  }

  get steps(): string[] {
    return this.view.steps.map(({ step }) => step);
  }

  #take(): void {
    this.events.push(...this.actor.takeDomainEvents());
    this.messages.push(...this.actor.takeMessages());
    this.orders.push(...(this.actor.takeTransfers?.() ?? []));
  }
}
