/** The traffic of a run, request after request, by a seed and by what clients have been told so far. */
import { type SeededRandom, WeightedPicker } from '../../../cli/demo/random.ts';
import type { CampaignPlan } from './campaigns.ts';
import type { Answer, EventType } from './ledger.ts';
import { type Channel, type LoadEvent, type LoadRequest, loadRequest } from './requests.ts';

/** Shares of the campaigns by purpose; the plain ones share theirs. */
const SHARES = { plain: 22, tight: 8, daily: 8, paused: 16, canary: 0 } as const;
/** Of the events of a campaign that pays for clicks up to a cap. */
const CLICKS_OF_CAPPED = 0.8;
/** Events that a cap on clicks is asked for, of all. */
export const CAPPED_CLICK_SHARE = (CLICKS_OF_CAPPED * SHARES.tight) / (3 * SHARES.plain + 8 + 8 + 16);

const CHANNELS: readonly Channel[] = ['single', 'array', 'lines', 'pixel', 'redirect', 'postback'];
const CHANNEL_SHARES = [12, 32, 14, 14, 10, 12];
const RESEND_SHARE = 0.06;
const BATCH = [4, 36] as const;
const REPEATED_TRANSACTIONS = 0.2;
/** Partners that bring the events. */
export const PARTNERS = 12;
/** Events that may be sent again, and how long after they were made. */
const RECENT_EVENTS = 3_000;
const RESEND_WITHIN_MS = 240_000;
const CLICKS_KEPT = 400;

interface Click {
  readonly eventId: string;
  readonly clickId: string;
}

interface Recent {
  readonly event: LoadEvent;
  readonly at: number;
}

export class Traffic {
  readonly #run: string;
  readonly #random: SeededRandom;
  readonly #campaigns: readonly CampaignPlan[];
  readonly #campaignPicker: WeightedPicker;
  readonly #channelPicker = new WeightedPicker(CHANNEL_SHARES);
  readonly #recent: Recent[] = [];
  /** Clicks by campaign, and transactions. */
  readonly #clicks = new Map<string, Click[]>();
  readonly #transactions = new Map<string, string[]>();
  #events = 0;

  constructor(run: string, campaigns: readonly CampaignPlan[], random: SeededRandom) {
    this.#run = run;
    this.#random = random;
    this.#campaigns = campaigns;
    this.#campaignPicker = new WeightedPicker(campaigns.map(({ purpose }) => SHARES[purpose]));
  }

  next(): LoadRequest {
    const random = this.#random;
    if (random.chance(RESEND_SHARE) && this.#recent.length > 100) return this.#resend();
    const channel = CHANNELS[this.#channelPicker.pick(random)] as Channel;
    switch (channel) {
      case 'array':
      case 'lines': {
        const [least, most] = BATCH;
        const count = least + random.below(most - least + 1);
        return loadRequest(
          channel,
          Array.from({ length: count }, () => this.#event()),
        );
      }
      case 'pixel':
        return loadRequest(channel, [this.#event('impression')]);
      case 'redirect':
        return loadRequest(channel, [this.#event('click')]);
      case 'postback':
      case 'postback-query':
        return loadRequest(random.chance(0.5) ? channel : 'postback-query', [this.#event('conversion')]);
      case 'single':
        return loadRequest(channel, [this.#event()]);
    }
  }

  /** A conversion of its own, which nothing repeats. */
  canary({ campaignId }: CampaignPlan): LoadEvent {
    const eventId = this.#nextId();
    return { eventId, campaignId, type: 'conversion', partnerId: 'canary', transactionId: eventId };
  }

  /** One more event of a campaign. */
  eventOf({ campaignId }: CampaignPlan, type: EventType): LoadEvent {
    const eventId = this.#nextId();
    const partnerId = `partner-${this.#random.below(PARTNERS)}`;
    const facts = { eventId, campaignId, type, partnerId };
    const event = type === 'conversion' ? { ...facts, ...this.#conversion(campaignId) } : facts;
    this.#recent[this.#events % RECENT_EVENTS] = { event, at: Date.now() };
    return event;
  }

  /** What was answered: conversions bring click ids back. */
  learn({ events }: LoadRequest, answers: readonly Answer[]): void {
    answers.forEach(({ clickId }, index) => {
      const { eventId, campaignId } = events[index] as LoadEvent;
      if (clickId !== undefined) keep(this.#clicks, campaignId, { eventId, clickId }, this.#random);
    });
  }

  /** A transaction that some conversion of a campaign brings, if there is one; it need not have arrived. */
  transactionOf(campaignId: string, random: SeededRandom): string | undefined {
    const known = this.#transactions.get(campaignId) ?? [];
    return known.length > 0 ? random.pick(known) : undefined;
  }

  #nextId(): string {
    return `${this.#run}-${(this.#events++).toString(36)}`;
  }

  #event(type?: EventType): LoadEvent {
    const plan = this.#campaigns[this.#campaignPicker.pick(this.#random)] as CampaignPlan;
    return this.eventOf(plan, type ?? this.#typeFor(plan));
  }

  #typeFor({ purpose }: CampaignPlan): EventType {
    const point = this.#random.next();
    if (purpose === 'tight' || purpose === 'daily') return point < CLICKS_OF_CAPPED ? 'click' : 'impression';
    if (point < 0.55) return 'impression';
    return point < 0.85 ? 'click' : 'conversion';
  }

  #conversion(campaignId: string): Partial<LoadEvent> {
    const random = this.#random;
    const clicks = this.#clicks.get(campaignId) ?? [];
    const click = clicks.length > 0 && random.chance(0.75) ? random.pick(clicks) : undefined;
    const goal = random.pick(['sale', 'lead']);
    const value = `${random.below(200)}.${10 + random.below(90)}`;
    const brought = click && { clickId: click.clickId, clickEventId: click.eventId };
    if (click && random.chance(0.4)) return { goal, value, ...brought };
    return { goal, value, ...brought, transactionId: this.#transaction(campaignId) };
  }

  /** The id of an order, which may have been told before. */
  #transaction(campaignId: string): string {
    const known = this.#transactions.get(campaignId) ?? [];
    if (known.length > 0 && this.#random.chance(REPEATED_TRANSACTIONS)) return this.#random.pick(known);
    const transactionId = `order-${this.#events.toString(36)}`;
    keep(this.#transactions, campaignId, transactionId, this.#random);
    return transactionId;
  }

  /** Events of the last minutes once more, answered or not. */
  #resend(): LoadRequest {
    const random = this.#random;
    const oldest = Date.now() - RESEND_WITHIN_MS;
    const events = new Set<LoadEvent>();
    for (let count = 1 + random.below(12); count > 0; count--) {
      const recent = this.#recent[random.below(this.#recent.length)];
      if (recent !== undefined && recent.at > oldest) events.add(recent.event);
    }
    return events.size === 0 ? loadRequest('single', [this.#event()]) : loadRequest('array', [...events]);
  }
}

/** Adds a value, in the place of another where there are many. */
function keep<T>(lists: Map<string, T[]>, key: string, value: T, random: SeededRandom): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else if (list.length < CLICKS_KEPT) list.push(value);
  else list[random.below(CLICKS_KEPT)] = value;
}
