/**
 * What the oracle knows: what was sent, what clients were told, and what lies in the log. It is written
 * while the world goes on, and says at once where a promise was broken at the moment it was made.
 */
import { Violation } from '../world.ts';
import { type AskedReplay, readEvents, readReplay } from './record-reader.ts';

/** Reasons as the public interface numbers them. */
export const REASON = {
  accepted: 100,
  duplicateEvent: 200,
  repeatVisitor: 210,
  unknownCampaign: 301,
  processingFailed: 390,
  budgetExhausted: 400,
} as const;

/** An event as its client means it. */
export interface SentEvent {
  readonly eventId: string;
  readonly campaignId: string;
  /** 1 impression, 2 click, 3 conversion. */
  readonly type: 1 | 2 | 3;
  readonly partnerId: string;
  /** Where its client is. */
  readonly address: string;
  readonly transactionId?: string;
  /** The click that a conversion brings back, and the click id that it was told. */
  readonly click?: { readonly eventId: string; readonly clickId: string };
  readonly goal?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly valueMicros: number;
  /** Its handling is meant to fail. */
  readonly isPoison: boolean;
}

/** A click that was accepted, and the click id that it was told. */
export interface ToldClick {
  readonly event: SentEvent;
  readonly clickId: string;
}

/** Where an event lies in the log. */
export interface Delivery {
  readonly partition: number;
  readonly sequence: number;
  readonly row: number;
  readonly verdict: number;
}

/** Where a row lies in the log, as text. */
export function placeOf({
  partition,
  sequence,
  row,
}: Readonly<Record<string, string | number | bigint>>): string {
  return `${partition}:${sequence}/${row}`;
}

export class Ledger {
  readonly events = new Map<string, SentEvent>();
  /** Reasons told of each event, in the order told. */
  readonly told = new Map<string, number[]>();
  readonly deliveries = new Map<string, Delivery[]>();
  /** What the filter stopped, by campaign and reason. */
  readonly stopped = new Map<string, Map<number, number>>();
  /** By their place in the log: what was asked to be replayed. It may have been, or refused. */
  readonly replays = new Map<string, AskedReplay>();
  /** Deliveries of each campaign, stopped ones included. */
  readonly received = new Map<string, number>();
  /** Outcomes that actors told of events, by their place in the log, while things went wrong. */
  readonly decisions = new Map<string, string>();
  readonly violations: Violation[] = [];
  /** Clicks that were accepted, with the click ids told of them. */
  readonly clicks: ToldClick[] = [];
  /** Campaign and address of clicks in the log. */
  readonly #visitors = new Set<string>();
  #latest: Delivery | undefined;
  readonly #uniqueCampaigns: ReadonlySet<string>;

  /** @param uniqueCampaigns campaigns that count a visitor's first click only */
  constructor(uniqueCampaigns: ReadonlySet<string>) {
    this.#uniqueCampaigns = uniqueCampaigns;
  }

  sent(event: SentEvent): void {
    this.events.set(event.eventId, event);
  }

  /** A record has become durable. */
  stored(partition: number, sequence: number, data: Uint8Array): void {
    const replay = readReplay(data);
    if (replay) this.replays.set(placeOf({ partition, sequence, row: 0 }), replay);
    const events = readEvents(data);
    if (events === undefined) return;
    events.rows.forEach(({ eventId, campaignId, verdict, type }, row) => {
      const event = this.events.get(eventId);
      if (event === undefined || event.campaignId !== campaignId || event.type !== type) {
        this.fail(`the log has an event ${eventId} of ${campaignId} that nobody sent so`);
        return;
      }
      const deliveries = this.deliveries.get(eventId) ?? [];
      this.deliveries.set(eventId, deliveries);
      this.#latest = { partition, sequence, row, verdict };
      deliveries.push(this.#latest);
      this.#receive(campaignId, 1);
      if (type === 2 && verdict === 0) this.#visitors.add(`${campaignId} ${event.address}`);
    });
    for (const { campaignId, reason, count } of events.stopped) {
      const counts = this.stopped.get(campaignId) ?? new Map<number, number>();
      this.stopped.set(campaignId, counts);
      counts.set(reason, (counts.get(reason) ?? 0) + count);
      this.#receive(campaignId, count);
    }
  }

  /** A collector answers its client. What it says must be so already. */
  tell(eventId: string, reason: number): void {
    const told = this.told.get(eventId) ?? [];
    this.told.set(eventId, told);
    told.push(reason);
    if (reason === REASON.unknownCampaign) return;
    if (reason === REASON.repeatVisitor) {
      if (!this.isRepeatVisit(eventId))
        this.fail(`${eventId} was told to be a repeat of a visitor of whom the log has no click`);
      return;
    }
    // A click that was stopped for its visitor is in the log as a number only, and may come again.
    if (reason === REASON.duplicateEvent && this.isRepeatVisit(eventId)) return;
    const isRight = (verdict: number): boolean =>
      reason === REASON.accepted || reason === REASON.duplicateEvent ? verdict === 0 : verdict === reason;
    if (!(this.deliveries.get(eventId) ?? []).some(({ verdict }) => isRight(verdict)))
      this.fail(`${eventId} was told ${reason} before it was in the log`);
  }

  /** Whether it is a click that need not count, because its visitor has another one in the log. */
  isRepeatVisit(eventId: string): boolean {
    const { campaignId, address, type } = this.events.get(eventId) as SentEvent;
    return (
      type === 2 && this.#uniqueCampaigns.has(campaignId) && this.#visitors.has(`${campaignId} ${address}`)
    );
  }

  /** An actor has told what it decided on an event. Whoever asks again must hear the same. */
  decided({ partition, sequence, row }: Delivery, outcome: string): void {
    const place = `${partition}:${sequence}/${row}`;
    const known = this.decisions.get(place);
    if (known !== undefined && known !== outcome) this.fail(`${place} was decided ${known}, then ${outcome}`);
    this.decisions.set(place, outcome);
  }

  /** An event that went into the log lately. */
  latestDelivery(): Delivery | undefined {
    return this.#latest;
  }

  /** How often replays of a campaign's letters were asked for. */
  replaysOf(campaignId: string): number {
    return [...this.replays.values()].filter((replay) => replay.campaignId === campaignId).length;
  }

  receivedOf(campaignId: string): number {
    return this.received.get(campaignId) ?? 0;
  }

  fail(text: string): void {
    this.violations.push(new Violation(text));
  }

  #receive(campaignId: string, count: number): void {
    this.received.set(campaignId, this.receivedOf(campaignId) + count);
  }
}
