/**
 * `turnpike demo`: sends realistic traffic to a running system, keeps its own exact account of it, and
 * holds the totals of the actors and of the warehouse against that account.
 */
import { randomBytes } from 'node:crypto';
import { ExitCode, JobError, UsageError } from '../exit.ts';
import { UnexpectedAnswer } from '../traffic/events-answer.ts';
import { Pace } from '../traffic/pace.ts';
import { showProgress, styleFor } from '../traffic/progress.ts';
import { RetryingClient } from '../traffic/retrying-client.ts';
import { AgentPicker } from './agents.ts';
import { type CampaignSpec, campaignSpecs } from './campaign-spec.ts';
import { Ledger } from './ledger.ts';
import { launchCampaign, MANAGEMENT_ATTEMPT_MS, type Range, readFigures } from './management-client.ts';
import { type ChannelShares, clicksOnTightBudget, TrafficPlan } from './plan.ts';
import { SeededRandom } from './random.ts';
import { type DemoResult, reportJson, reportText } from './report.ts';
import { RequestSource } from './request-source.ts';
import { sendTraffic } from './sender.ts';
import { compare, type Verdict } from './verify.ts';

export interface DemoOptions {
  /** Events to send, deliberate repeats included. */
  readonly events: number;
  readonly campaigns: number;
  readonly seed: number;
  /** Events a second; `undefined`: as fast as it goes. */
  readonly rate: number | undefined;
  /** Origin of the collector. */
  readonly collector: string;
  /** Origin of the REST interface. */
  readonly api: string;
  /** Share of the events that are deliberate repeats, from 0 to 0.5. */
  readonly duplicates: number;
  /** Share of the requests that carry a robot's agent, from 0 to 1. */
  readonly bots: number;
  /** Events in one batch. */
  readonly batch: number;
  readonly shares: ChannelShares;
  /** One more campaign, whose budget has room for exactly so many clicks. */
  readonly tightBudget: number | undefined;
  readonly concurrency: number;
  readonly retryForMs: number;
  readonly json: boolean;
}

/** How long the very first request is tried: a system that was never started is told soon. */
const FIRST_CONTACT_MS = 10_000;
const MANAGEMENT_CONNECTIONS = 4;
const HOUR = 3_600_000;
/** Streams of randomness besides the plan's own. */
const AGENT_STREAM = 1;

/**
 * Runs the demo and prints its report.
 *
 * @throws UsageError, JobError
 */
export async function runDemo(options: DemoOptions, output: NodeJS.WritableStream): Promise<ExitCode> {
  const repeats = Math.round(options.events * options.duplicates);
  const unique = options.events - repeats;
  const tightClicks = options.tightBudget === undefined ? 0 : clicksOnTightBudget(options.tightBudget);
  if (unique < tightClicks) {
    throw new UsageError(
      `--tight-budget ${options.tightBudget} takes ${tightClicks} different events: ask for more --events`,
    );
  }
  const clients = openClients(options);
  try {
    const result = await play(options, unique, repeats, clients);
    output.write(options.json ? `${reportJson(result)}\n` : reportText(result));
    return result.differences.length === 0 ? ExitCode.ok : ExitCode.failure;
  } catch (error) {
    if (error instanceof UnexpectedAnswer) throw new JobError(error.message, { cause: error });
    throw error;
  } finally {
    clients.giveUp.abort();
    await Promise.all([clients.collector.close(), clients.management.close()]);
  }
}

interface Clients {
  readonly collector: RetryingClient;
  readonly management: RetryingClient;
  /** Ends what is still under way. */
  readonly giveUp: AbortController;
}

function openClients({ collector, api, concurrency, retryForMs }: DemoOptions): Clients {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  return {
    giveUp,
    collector: new RetryingClient({ origin: collector, connections: concurrency, retryForMs, signal }),
    management: new RetryingClient({
      origin: api,
      connections: MANAGEMENT_CONNECTIONS,
      retryForMs,
      timeoutMs: MANAGEMENT_ATTEMPT_MS,
      signal,
    }),
  };
}

async function play(
  options: DemoOptions,
  unique: number,
  repeats: number,
  { collector, management }: Clients,
): Promise<DemoResult> {
  const run = randomBytes(4).toString('hex');
  const specs = campaignSpecs(run, options.campaigns, options.tightBudget);
  const plan = new TrafficPlan({
    run,
    seed: options.seed,
    campaigns: specs,
    unique,
    repeats,
    shares: options.shares,
  });
  const source = new RequestSource({
    plan,
    agents: new AgentPicker(options.bots),
    random: new SeededRandom(options.seed, AGENT_STREAM),
    batchSize: options.batch,
  });
  const ledger = new Ledger(specs);
  const startedAt = Date.now();
  let phase = 'creating campaigns';
  const endProgress = showProgress(options.json ? 'none' : styleFor(), () => ({
    phase,
    done: ledger.answered / options.events,
    events: ledger.answered,
    retries: collector.retries + management.retries,
    trouble: collector.trouble ?? management.trouble,
  }));
  // Ctrl-C stops the sending; what was sent is still checked. A second one ends the program.
  const stop = (): void => source.stop();
  process.once('SIGINT', stop);
  try {
    await launchCampaigns(management, specs, options);
    phase = 'sending';
    const pace = new Pace(options.rate);
    const { concurrency } = options;
    const seconds = await sendTraffic({ source, client: collector, ledger, pace, concurrency });
    phase = 'comparing';
    const verdicts = await verify(management, ledger, specs, {
      from: new Date(startedAt - HOUR).toISOString(),
      to: new Date(Date.now() + HOUR).toISOString(),
    });
    return { ledger, seconds, verdicts, differences: differencesOf(ledger, verdicts) };
  } finally {
    process.off('SIGINT', stop);
    endProgress();
  }
}

async function launchCampaigns(
  client: RetryingClient,
  specs: readonly CampaignSpec[],
  { retryForMs }: DemoOptions,
): Promise<void> {
  for (const [index, spec] of specs.entries()) {
    const patienceMs = index === 0 ? Math.min(FIRST_CONTACT_MS, retryForMs) : retryForMs;
    await launchCampaign(client, spec, patienceMs);
  }
}

async function verify(
  client: RetryingClient,
  ledger: Ledger,
  specs: readonly CampaignSpec[],
  range: Range,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [index, { campaignId }] of specs.entries()) {
    const account = ledger.accounts[index] as Ledger['accounts'][number];
    const live = await readFigures(client, campaignId, undefined);
    verdicts.push(compare(account, live, await readFigures(client, campaignId, range)));
  }
  return verdicts;
}

function differencesOf(ledger: Ledger, verdicts: readonly Verdict[]): string[] {
  const problems = [...ledger.problems].map(([problem, events]) => `${problem} (${events} events)`);
  return [...problems, ...verdicts.flatMap(({ differences }) => differences)];
}
