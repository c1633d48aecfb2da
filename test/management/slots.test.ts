import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withSlots } from '../../management/application/campaigns/slots.ts';
import type { ActorGateway } from '../../model/actor-gateway.ts';
import type { CampaignDefinition } from '../../model/campaign.ts';
import { CampaignDirectory } from '../../model/campaign-directory.ts';
import type { ActorKind, Command } from '../../model/command.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { PartnerDefinition } from '../../model/partner.ts';
import { termsOf } from '../../model/partner-terms.ts';
import { ActorsInMemory } from './actors-in-memory.ts';
import { NOW } from './management-system.ts';

const PARTNER = 'ana';
const CAMPAIGNS = ['c0', 'c1', 'c2', 'c3', 'c4'];
const MOST = 2;
const MONTHLY = 100;
const RUNNING = ['SCHEDULED', 'ACTIVE', 'PAUSED'];
const usd = (units: number) => ({ micros: units * 1_000_000, currency: 'USD' });

const partner: PartnerDefinition = {
  name: 'Ana',
  kind: 'AFFILIATE',
  status: 'ACTIVE',
  permissions: { campaignCreation: true, advancedTargeting: false },
  limits: { monthlyBudget: usd(MONTHLY), maxActiveCampaigns: MOST },
};
const campaign = (budget: number): CampaignDefinition => ({
  brandId: 'acme',
  partnerId: PARTNER,
  name: 'Summer',
  type: 'AFFILIATE',
  objective: 'SALES',
  landingPageUrl: 'https://shop.example/',
  allowedHosts: [],
  allowedOrigins: [],
  budgetTotal: usd(budget),
  cost: { model: 'CPC', rate: usd(1) },
  uniqueness: { key: 'none', windowMs: 1_000 },
  clickWindowMs: 1_000,
  keyPolicy: 'open',
  writeKey: 'wk_x',
  secretKeys: [],
  rateLimit: 0,
});

/** What somebody does: a verb, or a new budget, and after how many calls the process dies. */
interface Deed {
  readonly campaign: number;
  readonly name: string;
  readonly budget: number;
  readonly diesAfter: number;
}
const deeds = fc.array(
  fc.record({
    campaign: fc.nat(CAMPAIGNS.length - 1),
    name: fc.constantFrom('activate', 'activate', 'activate', 'pause', 'resume', 'update', 'complete'),
    budget: fc.integer({ min: 10, max: 120 }),
    diesAfter: fc.oneof({ weight: 3, arbitrary: fc.constant(99) }, { weight: 1, arbitrary: fc.nat(6) }),
  }),
  { minLength: 4, maxLength: 14 },
);

class World {
  readonly actors = new ActorsInMemory(new CampaignDirectory(), () => NOW);
  now = NOW;
  #commands = 0;

  command(actorKind: ActorKind, actorId: string, name: string, payload: unknown): Command {
    const principal = { subject: 'tester' };
    return { commandId: `command-${++this.#commands}`, actorKind, actorId, name, payload, principal };
  }

  async prepare(): Promise<void> {
    await this.actors.execute(this.command('partner', PARTNER, 'register', partner));
    for (const id of CAMPAIGNS)
      await this.actors.execute(this.command('campaign', id, 'create', campaign(50)));
  }

  /** The slots that are held, and the campaigns that need one. */
  async look() {
    const held = (await this.actors.query(PARTNER, { kind: 'partner_campaigns' }))?.slots ?? [];
    const views = await Promise.all(CAMPAIGNS.map((id) => this.actors.query(id, { kind: 'campaign' })));
    const needed = views.flatMap((view) => (view && RUNNING.includes(view.status) ? [view] : []));
    return { held, needed };
  }

  async check(): Promise<void> {
    const { held, needed } = await this.look();
    expect(needed.length).toBeLessThanOrEqual(MOST);
    const spend = needed.map((view) => termsOf(view).monthly?.micros ?? 0);
    expect(spend.reduce((sum, micros) => sum + micros, 0)).toBeLessThanOrEqual(MONTHLY * 1_000_000);
    for (const [index, { campaignId }] of needed.entries()) {
      const slot = held.find((candidate) => candidate.campaignId === campaignId);
      expect(slot?.monthly?.micros).toBeGreaterThanOrEqual(spend[index] as number);
    }
  }

  /** A process: each of its calls takes its time, and after some of them it is dead. */
  process(scheduler: fc.Scheduler, diesAfter: number): ActorGateway {
    let calls = 0;
    const call = async <T>(work: () => Promise<T>): Promise<T> => {
      await scheduler.schedule(Promise.resolve());
      if (calls++ >= diesAfter) throw new TurnpikeError({ code: 'unavailable', message: 'dead' });
      const result = await work();
      await this.check();
      await scheduler.schedule(Promise.resolve());
      return result;
    };
    const { actors } = this;
    const gateway: ActorGateway = {
      execute: (command) => call(() => actors.execute(command)),
      query: (id, query) => call(() => actors.query(id, query)),
      decision: () => actors.decision(),
      settled: () => Promise.resolve(),
      saved: () => Promise.resolve(),
      outbox: () => actors.outbox(),
    };
    return withSlots(gateway, { now: () => this.now });
  }
}

test('a partner’s limits hold at every moment, whoever dies when, and no slot is lost for ever', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), deeds, async (scheduler, plan: readonly Deed[]) => {
      const world = new World();
      await world.prepare();
      const doing = plan.map(async (deed) => {
        const payload = deed.name === 'update' ? campaign(deed.budget) : {};
        const command = world.command('campaign', CAMPAIGNS[deed.campaign] as string, deed.name, payload);
        await world.process(scheduler, deed.diesAfter).execute(command).catch(expected);
      });
      await scheduler.waitFor(Promise.all(doing));
      await world.check();

      // Later, somebody comes who wants to run as many small campaigns as may run.
      world.now += 3_600_000;
      const { needed } = await world.look();
      const gateway = withSlots(world.actors, { now: () => world.now });
      const room = MOST - needed.length;
      for (let index = 0; index <= room; index++) {
        const id = `late-${index}`;
        await world.actors.execute(world.command('campaign', id, 'create', campaign(1)));
        const spend = needed.reduce((sum, view) => sum + (termsOf(view).monthly?.micros ?? 0), 0);
        const fits = index < room && spend + (index + 1) * 1_000_000 <= MONTHLY * 1_000_000;
        const answer = await gateway.execute(world.command('campaign', id, 'activate', {}));
        expect(answer.ok).toBe(fits);
      }
    }),
    { numRuns: 200 },
  );
});

function expected(error: unknown): void {
  if (!(error instanceof TurnpikeError)) throw error;
}
