/**
 * Asks for payouts of partners and for refunds of conversions: some twice at once, of two management processes, and
 * some again later. Whoever asks for the same gets the same.
 */
import type { SeededRandom } from '../../../cli/demo/random.ts';
import type { CampaignPlan } from './campaigns.ts';
import type { Ledger } from './ledger.ts';
import type { ManagementClients } from './management-clients.ts';
import { PARTNERS, type Traffic } from './traffic.ts';

/** A payout that was asked for. */
export interface AskedPayout {
  readonly partnerId: string;
  readonly reference: string;
  readonly body: string;
  /** Its id, if somebody was told that there is one. */
  payoutId: string | undefined;
}

/** A refund that was asked for, and whether it was told to have been done. */
export interface AskedRefund {
  readonly campaignId: string;
  readonly transactionId: string;
  isDone: boolean;
}

const CLERKS = 6;
const PAUSE_MS = [200, 1_500] as const;
const REFUNDS = 0.35;
const ALL = 0.4;
const ADVANCES = 0.15;
const TWICE = 0.4;
const AGAIN = 0.2;
const MOST_CENTS = 300;

export class Payer {
  readonly payouts: AskedPayout[] = [];
  readonly refunds: AskedRefund[] = [];
  readonly #clients: ManagementClients;
  readonly #campaigns: readonly CampaignPlan[];
  readonly #traffic: Traffic;
  readonly #random: SeededRandom;
  readonly #ledger: Ledger;

  constructor(
    clients: ManagementClients,
    campaigns: readonly CampaignPlan[],
    traffic: Traffic,
    random: SeededRandom,
    ledger: Ledger,
  ) {
    this.#clients = clients;
    this.#campaigns = campaigns.filter(({ commission }) => commission !== undefined);
    this.#traffic = traffic;
    this.#random = random;
    this.#ledger = ledger;
  }

  /** Goes on until `isOver`; while one waits for an answer, the others ask. */
  async run(isOver: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: CLERKS }, () => this.#work(isOver)));
  }

  async #work(isOver: () => boolean): Promise<void> {
    const [least, most] = PAUSE_MS;
    while (!isOver()) {
      await new Promise((resolve) => setTimeout(resolve, least + this.#random.below(most - least)));
      await (this.#random.chance(REFUNDS) ? this.#refund() : this.#pay());
    }
  }

  async #pay(): Promise<void> {
    const random = this.#random;
    const asked =
      this.payouts.length > 0 && random.chance(AGAIN) ? random.pick(this.payouts) : this.#newPayout();
    const ask = (): Promise<void> => this.#askFor(asked);
    await Promise.all(random.chance(TWICE) ? [ask(), ask()] : [ask()]);
  }

  #newPayout(): AskedPayout {
    const random = this.#random;
    const partnerId = `partner-${random.below(PARTNERS)}`;
    const reference = `invoice-${this.payouts.length}`;
    const cents = String(1 + random.below(MOST_CENTS)).padStart(3, '0');
    const amount = { amount: `${cents.slice(0, -2)}.${cents.slice(-2)}`, currency: 'USD' };
    const wanted = random.chance(ALL) ? { currency: 'USD' } : { amount, advance: random.chance(ADVANCES) };
    const body = JSON.stringify({ partner_id: partnerId, reference, ...wanted });
    const asked = { partnerId, reference, body, payoutId: undefined };
    this.payouts.push(asked);
    return asked;
  }

  async #askFor(asked: AskedPayout): Promise<void> {
    const { status, body } = await this.#clients.ask('POST', '/v1/payouts', { body: asked.body });
    // Nothing of it is payable by now: then there is no payout, and it may be asked for again.
    if (status === 409 && asked.payoutId === undefined) return;
    const { id } = JSON.parse(body) as { readonly id?: string };
    if (status !== 201 || id === undefined || (asked.payoutId ?? id) !== id)
      this.#ledger.complain(`${asked.body}, ${asked.payoutId ?? 'new'}, was answered ${status} ${body}`);
    asked.payoutId ??= id;
  }

  async #refund(): Promise<void> {
    const random = this.#random;
    const { campaignId } = random.pick(this.#campaigns);
    const transactionId = this.#traffic.transactionOf(campaignId, random);
    if (transactionId === undefined) return;
    const asked: AskedRefund = { campaignId, transactionId, isDone: false };
    this.refunds.push(asked);
    const key = `${campaignId}-refund-${this.refunds.length}`;
    const ask = (): Promise<void> => this.#takeBack(asked, key);
    await Promise.all(random.chance(TWICE) ? [ask(), ask()] : [ask()]);
  }

  /** A conversion that has not counted yet is not found; one that was refunded by another is refused. */
  async #takeBack(asked: AskedRefund, key: string): Promise<void> {
    const { campaignId, transactionId } = asked;
    const path = `/v1/campaigns/${campaignId}:refund-conversion`;
    const request = JSON.stringify({ transaction_id: transactionId, reason: key });
    const { status, body } = await this.#clients.ask('POST', path, { body: request, key });
    if (status === 200) asked.isDone = true;
    else if (status !== 404 && status !== 409)
      this.#ledger.complain(`the refund of ${transactionId} was answered ${status} ${body}`);
  }
}
