/**
 * The traffic of a run, one event after the other: a pure function of its seed. How many events there are
 * of each kind is settled here and not by how the server answers.
 */
import type { EventTypeName } from '../../model/event.ts';
import { formatMicros, MICROS, minorDigits } from '../../model/money.ts';
import { type CampaignSpec, conversionValueRange } from './campaign-spec.ts';
import { SeededRandom, WeightedPicker, zipfWeights } from './random.ts';

/** How an event reaches the collector. */
export type Channel = 'batch' | 'single' | 'pixel' | 'redirect';

export interface PlannedEvent {
  readonly eventId: string;
  /** Index of the campaign. */
  readonly campaign: number;
  readonly type: EventTypeName;
  readonly channel: Channel;
  /** Whether it is sent a second time on purpose: beside the first or a while later. */
  readonly repeat: 'none' | 'beside' | 'later';
  /** Value of a conversion, in micros of the campaign's currency; else 0. */
  readonly valueMicros: number;
  /** What is sent: a path with query for pixels and redirects, else JSON without its closing brace. */
  readonly content: string;
  /** The conversion that a click leads to; it brings back the click's id. */
  readonly conversion: PlannedEvent | undefined;
}

/** Shares of the events, each from 0 to 1, their sum at most 1. */
export interface ChannelShares {
  readonly single: number;
  readonly pixel: number;
  readonly redirect: number;
}

export interface PlanOptions {
  /** Distinguishes runs: beginning of every event id. */
  readonly run: string;
  readonly seed: number;
  readonly campaigns: readonly CampaignSpec[];
  /** Different events in all. */
  readonly unique: number;
  /** How many of them are sent twice; at most `unique`. */
  readonly repeats: number;
  readonly shares: ChannelShares;
}

/** Clicks among impressions and clicks; far more than in life, so that short runs have enough of them. */
const CLICK_SHARE = 0.12;
const CONVERSION_SHARE = 0.25;
/** Events for each impression or click: some clicks bring a conversion along. */
const EVENTS_PER_VISIT = 1 + CLICK_SHARE * CONVERSION_SHARE;
const BESIDE_SHARE = 0.4;
/** Clicks on the tight budget for each click that it has room for. */
const OVERBOOKING = 1.5;

const PARTNERS = 40;
const CONTENTS = 12;
const SOURCES = ['newsletter', 'instagram', 'search', 'podcast', 'tiktok', 'partner-site'];
const GOALS = ['sale', 'sale', 'sale', 'lead', 'signup', 'install'];
const PAGES = ['', 'spring', 'shoes/runner-2', 'blog/how-to-choose', 'deals?page=2'];

/** Clicks that a run sends to a budget with room for `tightClicks`. */
export function clicksOnTightBudget(tightClicks: number): number {
  return Math.ceil(tightClicks * OVERBOOKING) + 1;
}

export class TrafficPlan {
  readonly #options: PlanOptions;
  readonly #random: SeededRandom;
  readonly #campaigns: WeightedPicker;
  readonly #partners = new WeightedPicker(zipfWeights(PARTNERS));
  /** Index of the campaign with the tight budget, −1 if there is none. */
  readonly #tight: number;
  #index = 0;
  #uniqueLeft: number;
  #repeatsLeft: number;
  #tightLeft = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#tight = options.campaigns.findIndex(({ tightClicks }) => tightClicks !== undefined);
    const ample = options.campaigns.filter(({ tightClicks }) => tightClicks === undefined);
    this.#campaigns = new WeightedPicker(zipfWeights(ample.length));
    this.#uniqueLeft = options.unique;
    this.#repeatsLeft = options.repeats;
    const { tightClicks } = options.campaigns[this.#tight] ?? {};
    if (tightClicks !== undefined) this.#tightLeft = clicksOnTightBudget(tightClicks);
  }

  /** The next event, `undefined` after the last. Conversions hang on their clicks. */
  next(): PlannedEvent | undefined {
    if (this.#uniqueLeft === 0) return undefined;
    const random = this.#random;
    if (random.next() * this.#uniqueLeft < this.#tightLeft) {
      this.#tightLeft--;
      return this.#event(this.#tight, 'click', this.#channel('click', true));
    }
    const campaign = this.#campaigns.pick(random);
    const type = random.chance(CLICK_SHARE) ? 'click' : 'impression';
    return this.#event(campaign, type, this.#channel(type, false));
  }

  /** A channel such that all events together come out at the shares asked for. */
  #channel(type: 'impression' | 'click', tight: boolean): Channel {
    const { single, pixel, redirect } = this.#options.shares;
    const point = this.#random.next();
    if (point < single) return 'single';
    if (tight) return 'batch';
    const ofType = EVENTS_PER_VISIT * (type === 'click' ? redirect / CLICK_SHARE : pixel / (1 - CLICK_SHARE));
    if (point < single + ofType) return type === 'click' ? 'redirect' : 'pixel';
    return 'batch';
  }

  #event(campaign: number, type: 'impression' | 'click', channel: Channel): PlannedEvent {
    const eventId = this.#take();
    const repeat = this.#repeat(channel);
    const content =
      channel === 'pixel' || channel === 'redirect'
        ? this.#path(eventId, campaign, channel)
        : this.#json(eventId, campaign, type);
    // A conversion takes a place of its own among the events, and the tight budget keeps its clicks.
    const converts =
      type === 'click' &&
      campaign !== this.#tight &&
      this.#uniqueLeft > this.#tightLeft &&
      this.#random.chance(CONVERSION_SHARE);
    const conversion = converts ? this.#conversion(campaign) : undefined;
    return { eventId, campaign, type, channel, repeat, valueMicros: 0, content, conversion };
  }

  #conversion(campaign: number): PlannedEvent {
    const random = this.#random;
    const eventId = this.#take();
    const channel = random.chance(this.#options.shares.single) ? 'single' : 'batch';
    const repeat = this.#repeat(channel);
    const { campaignId, currency } = this.#options.campaigns[campaign] as CampaignSpec;
    const valueMicros = this.#value(currency);
    const amount = formatMicros(valueMicros, currency);
    // Both spellings of an amount that the collector takes: a string and a number.
    const value = random.chance(0.5) ? amount : `"${amount}"`;
    const content = `{"event_id":"${eventId}","type":"conversion","campaign_id":"${campaignId}","transaction_id":"order-${eventId}","goal":"${random.pick(GOALS)}","value":${value},"currency":"${currency}"`;
    return {
      eventId,
      campaign,
      type: 'conversion',
      channel,
      repeat,
      valueMicros,
      content,
      conversion: undefined,
    };
  }

  /** A value in whole minor units. */
  #value(currency: string): number {
    const [least, most] = conversionValueRange(currency);
    const stepMicros = MICROS / 10 ** minorDigits(currency);
    return least + this.#random.below(Math.floor((most - least) / stepMicros) + 1) * stepMicros;
  }

  /** The id of one more event. */
  #take(): string {
    this.#uniqueLeft--;
    return `${this.#options.run}-${(this.#index++).toString(36).padStart(6, '0')}`;
  }

  /** Selection sampling: exactly as many repeats as asked for, anywhere among the events. */
  #repeat(channel: Channel): PlannedEvent['repeat'] {
    if (this.#random.next() * (this.#uniqueLeft + 1) >= this.#repeatsLeft) return 'none';
    this.#repeatsLeft--;
    return channel === 'batch' && this.#random.chance(BESIDE_SHARE) ? 'beside' : 'later';
  }

  #json(eventId: string, campaign: number, type: EventTypeName): string {
    const random = this.#random;
    const { campaignId } = this.#options.campaigns[campaign] as CampaignSpec;
    return `{"event_id":"${eventId}","type":"${type}","campaign_id":"${campaignId}","partner_id":"partner-${this.#partners.pick(random)}","content_id":"banner-${random.below(CONTENTS)}","anonymous_id":"visitor-${random.below(1_000_000)}","utm_source":"${random.pick(SOURCES)}","url":"https://shop.example/${random.pick(PAGES)}"`;
  }

  #path(eventId: string, campaign: number, channel: 'pixel' | 'redirect'): string {
    const random = this.#random;
    const { campaignId } = this.#options.campaigns[campaign] as CampaignSpec;
    const parameters = `id=${eventId}&p=partner-${this.#partners.pick(random)}&creative_id=banner-${random.below(CONTENTS)}&utm_source=${random.pick(SOURCES)}`;
    return channel === 'pixel'
      ? `/p.gif?e=impression&c=${campaignId}&${parameters}`
      : `/c/${campaignId}?${parameters}`;
  }
}
