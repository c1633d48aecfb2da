/**
 * A client that sends events until it is told what became of them: it repeats what was not answered, and
 * now and then what was. It never repeats longer than the actors are sure to remember.
 */
import { GOALS, PARTNERS, TRANSACTIONS } from '../money-plan.ts';
import type { SentEvent, ToldClick } from '../oracle/ledger.ts';
import { REASON } from '../oracle/ledger.ts';
import type { Site } from '../site.ts';
import type { CollectorHost, Told } from './collector.ts';
import { POISON } from './poison.ts';

/**
 * How long an event is repeated: less than `limits.eventIdWindowMs`, for the last repeat may be held up by a
 * collector that sleeps, by its attempts to append, and by the network.
 */
const REPEAT_MS = 11_000;
const EVENTS_PER_REQUEST = 8;

export interface ClientOptions {
  readonly site: Site;
  readonly collectors: readonly CollectorHost[];
  readonly campaignIds: readonly string[];
  readonly events: number;
  readonly trafficMs: number;
  readonly poison: number;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #name: string;
  readonly #addresses: readonly string[];
  #sent = 0;
  /** Requests that are not done with. */
  #open = 0;
  #whenDone: (() => void)[] = [];
  /** Clicks that were accepted, with the click ids told of them. */
  readonly #clicks: ToldClick[] = [];

  constructor(index: number, options: ClientOptions) {
    this.#options = options;
    this.#name = `client-${index}`;
    this.#addresses = [`203.0.113.${index}`, `198.51.100.${index}`, '192.0.2.1'];
  }

  /** Sends everything; resolves when nothing more will be repeated. */
  async run(): Promise<void> {
    const { site, events, trafficMs } = this.#options;
    const { world } = site;
    const pause = Math.ceil((2 * trafficMs * EVENTS_PER_REQUEST) / 2 / events);
    while (this.#sent < events && world.elapsed < trafficMs) {
      await world.sleep(world.random.integer(1, pause));
      this.#begin();
    }
    while (this.#open > 0) await new Promise<void>((resolve) => this.#whenDone.push(resolve));
  }

  #begin(): void {
    const { world } = this.#options.site;
    const address = world.random.pick(this.#addresses);
    const count = world.random.integer(1, EVENTS_PER_REQUEST);
    const events = Array.from({ length: count }, () => this.#draw(address));
    for (const event of events) this.#options.site.ledger.sent(event);
    this.#post(events, address, world.elapsed + REPEAT_MS);
  }

  #draw(address: string): SentEvent {
    const { site, campaignIds, poison } = this.#options;
    const { random } = site.world;
    const number = `${this.#name}.${++this.#sent}`;
    const isPoison = random.chance(poison);
    const click = random.chance(0.15) && this.#clicks.length > 0 ? random.pick(this.#clicks) : undefined;
    const base = {
      eventId: isPoison ? `${POISON}${number}` : number,
      campaignId: click?.event.campaignId ?? random.pick(campaignIds),
      partnerId: random.pick(PARTNERS),
      address,
      isPoison,
      ...(this.#sent % 2 === 0 && { userId: `user-${this.#sent % 3}` }),
      ...(this.#sent % 3 !== 0 && { anonymousId: `visitor-${this.#sent % 5}` }),
    };
    if (click) {
      const brought = { eventId: click.event.eventId, clickId: click.clickId };
      return { ...base, type: 3, click: brought, goal: random.pick(GOALS), valueMicros: 7_000_000 };
    }
    const type = random.pick([1, 2, 2, 3] as const);
    if (type !== 3) return { ...base, type, valueMicros: 0 };
    return {
      ...base,
      type,
      transactionId: `order-${random.integer(1, TRANSACTIONS)}`,
      valueMicros: random.integer(0, 50_000_000),
    };
  }

  /** Sends events once, and sees to it that they are sent again where that is due. */
  #post(events: readonly SentEvent[], address: string, until: number): void {
    const { site, collectors } = this.#options;
    const { world } = site;
    const { random } = world;
    this.#open++;
    let isOver = false;
    const over = (again: readonly SentEvent[], afterMs: number): void => {
      if (isOver) return;
      isOver = true;
      if (again.length > 0 && world.elapsed + afterMs < until)
        world.after(afterMs, () => {
          this.#post(again, address, until);
          this.#done();
        });
      else this.#done();
    };
    const timeoutMs = random.integer(1_000, 9_000);
    world.after(timeoutMs, () => over(events, 0));
    if (random.chance(world.lostMessages)) return;
    const collector = random.pick(collectors);
    const hear = (told?: readonly Told[]): void => {
      if (random.chance(world.lostMessages)) return;
      world.after(world.latency(), () => {
        if (told === undefined) over(events, random.integer(50, 1_500));
        else over(this.#toRepeat(events, told), random.integer(10, 4_000));
      });
    };
    world.after(world.latency(), () => collector.receive(events, address, hear));
  }

  /** What is sent again though it was answered: what was refused for now, and, sometimes, anything. */
  #toRepeat(events: readonly SentEvent[], told: readonly Told[]): SentEvent[] {
    const { random } = this.#options.site.world;
    return events.filter((event, index) => {
      const { reason, clickId } = told[index] as Told;
      if (event.type === 2 && reason === REASON.accepted && clickId !== undefined)
        this.#noteClick({ event, clickId });
      return reason === REASON.unknownCampaign || random.chance(0.1);
    });
  }

  #noteClick(click: ToldClick): void {
    this.#clicks.push(click);
    this.#options.site.ledger.clicks.push(click);
  }

  #done(): void {
    if (--this.#open > 0) return;
    for (const tell of this.#whenDone.splice(0)) tell();
  }
}
