/**
 * A small stand-in for the whole product, for the tests of its clients: it takes events, drops duplicates,
 * keeps budgets and tells figures, all in memory and all honestly, and fails on request.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { formatMicros, parseMicros } from '../../model/money.ts';
import { freePorts } from './ports.ts';

/** What to do to a request instead of serving it; `cut` variants end the connection without an answer. */
export type Fault = 'busy' | 'cut before' | 'cut after';

type Json = Readonly<Record<string, unknown>>;

export interface Counts {
  status: string;
  currency: string;
  model: string;
  rateMicros: number;
  budgetMicros: number;
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  pending: number;
  impressions: number;
  clicks: number;
  conversions: number;
  revenueMicros: number;
  spendMicros: number;
}

const AMOUNT = 9e15;
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

export class CountingServer implements AsyncDisposable {
  readonly campaigns = new Map<string, Counts>();
  /** Campaigns whose events the collector does not know, though management does. */
  readonly unknownToCollector = new Set<string>();
  /** Every event as it came, repeats included. */
  readonly events: Json[] = [];
  readonly agents = new Set<string>();
  /** Requests to the collector's routes that arrived. */
  requests = 0;
  /** Asked for each of them, with its number from 1. */
  fault: (request: number) => Fault | undefined = () => undefined;
  /** Changes the figures before they are told: a server that miscounts. */
  distort: (figures: Record<string, unknown>, isWarehouse: boolean) => void = () => undefined;
  readonly #seen = new Set<string>();
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  static async start(): Promise<CountingServer> {
    const server = new CountingServer();
    const [port] = await freePorts(1);
    server.#port = port as number;
    await server.listen();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, after `kill` on the same port as before. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Ends all connections and stops listening; what was counted stays. */
  async kill(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.kill();
  }

  /** Adds a campaign that runs. */
  addCampaign(campaignId: string, more: Partial<Counts> = {}): Counts {
    const counts: Counts = {
      ...{ status: 'ACTIVE', currency: 'USD', model: 'CPC', rateMicros: 0, budgetMicros: AMOUNT },
      ...{ received: 0, accepted: 0, duplicates: 0, rejected: 0, pending: 0 },
      ...{ impressions: 0, clicks: 0, conversions: 0, revenueMicros: 0, spendMicros: 0 },
      ...more,
    };
    this.campaigns.set(campaignId, counts);
    return counts;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://server');
    const campaign = /^\/v1\/campaigns(?:\/([\w-]+)(:activate|\/metrics))?$/.exec(url.pathname);
    if (campaign) {
      this.#manage(campaign[1], campaign[2], url, body, response);
      return;
    }
    this.requests++;
    const fault = this.fault(this.requests);
    if (fault === 'busy') response.writeHead(503, { 'retry-after': '0' }).end();
    if (fault === 'cut before') request.socket.destroy();
    if (fault === 'busy' || fault === 'cut before') return;
    this.agents.add(request.headers['user-agent'] ?? '');
    this.#collect(url, body, fault === 'cut after' ? undefined : response);
    if (fault === 'cut after') request.socket.destroy();
  }

  #manage(
    id: string | undefined,
    verb: string | undefined,
    url: URL,
    body: string,
    response: ServerResponse,
  ): void {
    if (id === undefined) {
      const draft = JSON.parse(body) as {
        readonly campaign_id: string;
        readonly budget: { readonly total: { readonly amount: string } };
        readonly cost: {
          readonly model: string;
          readonly rate: { readonly amount: string; readonly currency: string };
        };
      };
      this.addCampaign(draft.campaign_id, {
        status: 'DRAFT',
        currency: draft.cost.rate.currency,
        model: draft.cost.model,
        rateMicros: parseMicros(draft.cost.rate.amount, AMOUNT) as number,
        budgetMicros: parseMicros(draft.budget.total.amount, AMOUNT) as number,
      });
      response.writeHead(201).end(JSON.stringify({ id: draft.campaign_id, status: 'DRAFT' }));
      return;
    }
    const counts = this.campaigns.get(id);
    if (counts === undefined) {
      response.writeHead(404).end();
    } else if (verb === ':activate') {
      counts.status = 'ACTIVE';
      response.end(JSON.stringify({ id, status: 'ACTIVE' }));
    } else {
      response.end(JSON.stringify(this.#figures(counts, url.searchParams.has('from'))));
    }
  }

  #figures(counts: Counts, isWarehouse: boolean): object {
    const { revenueMicros, spendMicros, currency, ...rest } = counts;
    const figures: Record<string, unknown> = {
      ...rest,
      revenue: { amount: formatMicros(revenueMicros, currency), currency },
      spend: { amount: formatMicros(spendMicros, currency), currency },
    };
    this.distort(figures, isWarehouse);
    return figures;
  }

  /** @param response `undefined`: nobody is told */
  #collect(url: URL, body: string, response: ServerResponse | undefined): void {
    if (url.pathname === '/p.gif') {
      const { e: type, c: campaign_id, id: event_id } = Object.fromEntries(url.searchParams);
      const { status, reason } = this.#decide({ type, campaign_id, event_id });
      const headers = status === 'rejected' ? { 'x-turnpike-reason': String(reason) } : {};
      response?.writeHead(200, { 'content-type': 'image/gif', ...headers }).end(GIF);
    } else if (url.pathname.startsWith('/c/')) {
      const event = {
        type: 'click',
        campaign_id: url.pathname.slice(3),
        event_id: url.searchParams.get('id'),
      };
      const { status, click_id } = this.#decide(event);
      if (status === 'rejected') response?.writeHead(404).end();
      else response?.writeHead(302, { location: `https://shop.example/?click_id=${click_id}` }).end();
    } else if (url.pathname === '/v1/events') {
      const events = [JSON.parse(body)].flat() as Json[];
      const results = events.map((event) => this.#decide(event));
      response?.writeHead(202).end(JSON.stringify({ results }));
    } else {
      response?.writeHead(404).end('no such route');
    }
  }

  #decide(event: Json): { status: string; reason?: string; click_id?: string } {
    this.events.push(event);
    const campaignId = String(event.campaign_id);
    const counts = this.unknownToCollector.has(campaignId) ? undefined : this.campaigns.get(campaignId);
    if (counts === undefined) return { status: 'rejected', reason: 'unknown_campaign' };
    counts.received++;
    const id = `${event.campaign_id} ${event.event_id}`;
    if (this.#seen.has(id)) {
      counts.duplicates++;
      return { status: 'duplicate', ...(event.type === 'click' && { click_id: `click-${event.event_id}` }) };
    }
    this.#seen.add(id);
    const costMicros = costOf(counts, String(event.type));
    if (counts.spendMicros + costMicros > counts.budgetMicros) {
      counts.pending++;
      return { status: 'accepted' };
    }
    if (event.type === 'conversion' && event.click_id !== undefined && !this.#isClick(event)) {
      counts.rejected++;
      return { status: 'rejected', reason: 'click_id_invalid' };
    }
    counts.accepted++;
    counts.spendMicros += costMicros;
    counts[`${event.type as 'impression' | 'click' | 'conversion'}s`]++;
    if (event.type === 'conversion') {
      const value = typeof event.value === 'number' ? event.value.toFixed(3) : String(event.value);
      counts.revenueMicros += parseMicros(value, AMOUNT) as number;
    }
    return { status: 'accepted', ...(event.type === 'click' && { click_id: `click-${event.event_id}` }) };
  }

  #isClick(event: Json): boolean {
    return this.#seen.has(`${event.campaign_id} ${String(event.click_id).replace(/^click-/, '')}`);
  }
}

function costOf({ model, rateMicros }: Counts, type: string): number {
  if (model === 'CPM') return type === 'impression' ? rateMicros / 1_000 : 0;
  return (model === 'CPC' && type === 'click') || (model === 'CPA' && type === 'conversion') ? rateMicros : 0;
}
