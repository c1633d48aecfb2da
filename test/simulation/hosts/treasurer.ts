/** Who asks for refunds and payouts, sets how partners are paid, and hands in what the gateway tells by itself. */
import type { AccountView } from '../../../model/account.ts';
import type { CommandAnswer } from '../../../model/command.ts';
import type { PayoutRequest, PayoutView } from '../../../model/payout.ts';
import { payoutIdOf } from '../../../model/payout-id.ts';
import type { GatewayNotice } from '../../../model/transfer.ts';
import { type MoneyStorm, PARTNERS, type PayoutAsk, type RefundAsk } from '../money-plan.ts';
import { checkAccount, checkPayout } from '../oracle/money-live.ts';
import { readMessages } from '../oracle/record-reader.ts';
import type { Site } from '../site.ts';
import type { Management } from './management.ts';

/** A refund that was asked for, and what came of it. */
export interface AskedRefund {
  readonly campaignId: string;
  /** As the oracle names conversions: the transaction, or the click's event and the goal. */
  readonly conversion: string;
  readonly answer: CommandAnswer;
}

/** A payout that was asked for, and what came of it. */
export interface AskedPayout {
  readonly payoutId: string;
  readonly request: PayoutRequest;
  readonly answer: CommandAnswer;
}

export class Treasurer {
  readonly refunds: AskedRefund[] = [];
  readonly payouts: AskedPayout[] = [];
  readonly #site: Site;
  readonly #management: Management;
  /** Notices that are not taken yet. */
  #notices = 0;

  constructor(site: Site, management: Management) {
    this.#site = site;
    this.#management = management;
    site.gateway.notify = (notice) => void this.#handIn(notice);
  }

  /** Asks for everything of a storm, each thing at its moment, and waits for the answers. */
  async run({ payouts, terms, refunds }: MoneyStorm): Promise<void> {
    const { world } = this.#site;
    const work: Promise<unknown>[] = [];
    const at = async (ms: number, ask: () => Promise<unknown>): Promise<void> => {
      await world.sleep(ms);
      await ask();
    };
    for (const ask of payouts)
      for (let client = 0; client < ask.clients; client++) work.push(at(ask.atMs, () => this.#pay(ask)));
    for (const ask of refunds) work.push(at(ask.atMs, () => this.#refund(ask)));
    for (const { atMs, partnerId: id, terms: wanted } of terms)
      work.push(at(atMs, () => this.#management.execute({ kind: 'account', id }, 'set_terms', wanted)));
    await Promise.all(work);
  }

  /** Asks for a refund by the transaction of a conversion, or by its click and goal. */
  async refund(
    campaignId: string,
    conversion: string,
    payload: { readonly transactionId: string } | { readonly clickId: string; readonly goal: string },
  ): Promise<AskedRefund> {
    const answer = await this.#management.execute({ kind: 'campaign', id: campaignId }, 'refund', {
      ...payload,
      reason: 'returned goods',
    });
    const asked = { campaignId, conversion, answer };
    this.refunds.push(asked);
    return asked;
  }

  async accounts(): Promise<Map<string, AccountView>> {
    const accounts = new Map<string, AccountView>();
    for (const partnerId of PARTNERS) {
      const view = await this.#management.query(partnerId, 'account');
      if (view) accounts.set(partnerId, view);
    }
    return accounts;
  }

  /** Every payout that anybody knows of: asked for, opened by a schedule, or known to the gateway. */
  async views(): Promise<Map<string, PayoutView>> {
    const { log, gateway } = this.#site;
    const ids = new Set(this.payouts.map(({ payoutId }) => payoutId));
    for (const { order } of gateway.transfers.values()) ids.add(payoutIdOf(order.partnerId, order.reference));
    for (const { records } of log.partitions)
      for (const { data } of records)
        for (const { actorKind, actorId } of readMessages(data)?.messages ?? [])
          if (actorKind === 'payout') ids.add(actorId);
    const views = new Map<string, PayoutView>();
    for (const payoutId of ids) {
      const view = await this.#management.query(payoutId, 'payout');
      if (view) views.set(payoutId, view);
    }
    return views;
  }

  /** Whether nothing is under way: every payout is over, and every notice of the gateway taken. */
  async isDone(): Promise<boolean> {
    if (this.#notices > 0 || !this.#site.gateway.isQuiet) return false;
    const open = [...(await this.views()).values()].filter(
      ({ status }) => status !== 'SUCCEEDED' && status !== 'FAILED',
    );
    return open.length === 0;
  }

  /** Looks at a partner's account, or at a payout, while things go wrong. */
  async look(): Promise<void> {
    const { world, ledger, gateway } = this.#site;
    const { random } = world;
    const asked = random.chance(0.5) ? this.payouts.at(-1) : undefined;
    if (asked) {
      const view = await this.#management.query(asked.payoutId, 'payout');
      if (view) checkPayout(ledger, view, gateway.transfers);
      return;
    }
    const partnerId = random.pick(PARTNERS);
    const view = await this.#management.query(partnerId, 'account');
    if (view) checkAccount(ledger, view, gateway.transfers.values());
  }

  async #pay({ request }: PayoutAsk): Promise<void> {
    const payoutId = payoutIdOf(request.partnerId, request.reference);
    const answer = await this.#management.execute({ kind: 'payout', id: payoutId }, 'request', request);
    this.payouts.push({ payoutId, request, answer });
  }

  async #refund({ campaignId, isByClick, transactionId, goal }: RefundAsk): Promise<void> {
    const { ledger, world } = this.#site;
    const clicks = ledger.clicks.filter(({ event }) => event.campaignId === campaignId);
    const click = isByClick && clicks.length > 0 ? world.random.pick(clicks) : undefined;
    if (click)
      await this.refund(campaignId, `${click.event.eventId} ${goal}`, { clickId: click.clickId, goal });
    else await this.refund(campaignId, transactionId, { transactionId });
  }

  /** Hands a notice in, again and again until it is taken, as gateways do. */
  async #handIn(notice: GatewayNotice): Promise<void> {
    this.#notices++;
    const { payoutId } = notice;
    const answer = await this.#management.execute({ kind: 'payout', id: payoutId }, 'notice', notice);
    if (!answer.ok)
      this.#site.ledger.fail(`the notice ${JSON.stringify(notice)} was answered ${answer.failure.code}`);
    this.#notices--;
  }
}
