/** A machine that runs a collector, life after life. */
import { Registry } from 'prom-client';
import { Credentials } from '../../../ingest/access.ts';
import { IncomingEvent } from '../../../ingest/incoming-event.ts';
import { IngestMetrics } from '../../../ingest/metrics.ts';
import { Pipeline } from '../../../ingest/pipeline.ts';
import type { Arrival, Submission } from '../../../ingest/submission.ts';
import { exchangeOf } from '../../../ingest/test-support.ts';
import type { CampaignSummary } from '../../../model/campaign.ts';
import { CampaignDirectory } from '../../../model/campaign-directory.ts';
import { FIELD } from '../../../model/event-batch.ts';
import type { SentEvent } from '../oracle/ledger.ts';
import { SimulatedProcess } from '../process.ts';
import { CLICK_SECRET, FINGERPRINT_KEY, loggerOf, type Site } from '../site.ts';

/** What a client is told of one event. */
export interface Told {
  readonly eventId: string;
  readonly reason: number;
  readonly clickId: string | undefined;
}

const SUMMARIES = 'summary/';
const NO_BODY = Buffer.alloc(0);

interface Life {
  readonly process: SimulatedProcess;
  readonly directory: CampaignDirectory;
  readonly pipeline: Pipeline;
  isReady: boolean;
}

export class CollectorHost {
  readonly name: string;
  readonly #site: Site;
  #life: Life | undefined;
  #lives = 0;

  constructor(site: Site, index: number) {
    this.#site = site;
    this.name = `collector-${index}`;
  }

  get process(): SimulatedProcess | undefined {
    return this.#life?.process;
  }

  /** Starts a new life, if there is none. */
  start(): void {
    if (this.process?.isAlive) return;
    const { world, log, dedup, mutant, snapshots } = this.#site;
    const name = `${this.name}/${++this.#lives}`;
    const process = new SimulatedProcess(world, name, world.clockSkew());
    world.note(name, 'STARTS');
    const directory = new CampaignDirectory();
    const logger = loggerOf(process);
    const filter = dedup.handle(process);
    const pipeline = new Pipeline({
      log: mutant.appends?.(log.handle(process), process) ?? log.handle(process),
      dedup: mutant.dedup?.(filter) ?? filter,
      directory,
      clickSecrets: [CLICK_SECRET],
      secrets: { fingerprintKey: FINGERPRINT_KEY, clickSecret: CLICK_SECRET },
      partitions: log.partitions.length,
      metrics: new IngestMetrics(new Registry(), {
        waitingEvents: () => 0,
        bytesInFlight: () => 0,
        openRequests: () => 0,
        isFilterReachable: () => true,
      }),
      logger,
      now: process.clock.now,
      sleep: process.clock.sleep,
      defer: (work) => world.after(0, () => process.deliver(work)),
      name,
    });
    const life: Life = { process, directory, pipeline, isReady: false };
    this.#life = life;
    const boot = async (): Promise<void> => {
      for await (const { value } of snapshots.handle(process).list(SUMMARIES))
        directory.put(JSON.parse(Buffer.from(value).toString()) as CampaignSummary);
      life.isReady = true;
    };
    // One that cannot start ends, and is started again like any other.
    boot().catch(() => process.kill());
  }

  /** An actor tells that a campaign has changed. */
  put(summary: CampaignSummary): void {
    const life = this.#life;
    life?.process.deliver(() => life.directory.put(summary));
  }

  /**
   * A request arrives.
   *
   * @param answer called with what is said of each event, or with nothing: send it again
   */
  receive(events: readonly SentEvent[], address: string, answer: (told?: readonly Told[]) => void): void {
    const life = this.#life;
    if (!life?.isReady) return;
    life.process.deliver(() => {
      try {
        life.pipeline.receive(
          this.#arrival(life, address),
          (submission) => submission.events.push(...events.map(incoming)),
          (submission) => answer(this.#answer(submission)),
        );
      } catch {
        answer();
      }
    });
  }

  #answer({ failed, events }: Submission): Told[] | undefined {
    if (failed) return undefined;
    return events.map((event) => {
      const eventId = event.eventId as string;
      this.#site.ledger.tell(eventId, event.reason);
      return { eventId, reason: event.reason, clickId: event.get(FIELD.clickId) };
    });
  }

  #arrival({ process, directory }: Life, address: string): Arrival {
    const receivedAt = process.clock.now();
    return {
      exchange: exchangeOf(),
      receivedAt,
      address,
      userAgent: '',
      referrer: '',
      credentials: new Credentials(directory, undefined, '', NO_BODY, receivedAt),
      defaultType: undefined,
      campaignId: undefined,
    };
  }
}

function incoming(sent: SentEvent): IncomingEvent {
  const event = new IncomingEvent();
  event.type = sent.type;
  event.hasType = true;
  event.set(FIELD.eventId, sent.eventId);
  event.set(FIELD.campaignId, sent.campaignId);
  event.set(FIELD.partnerId, sent.partnerId);
  event.valueMicros = sent.valueMicros;
  if (sent.transactionId !== undefined) event.set(FIELD.transactionId, sent.transactionId);
  if (sent.click !== undefined) event.set(FIELD.clickId, sent.click.clickId);
  if (sent.goal !== undefined) event.set(FIELD.goal, sent.goal);
  if (sent.userId !== undefined) event.set(FIELD.userId, sent.userId);
  if (sent.anonymousId !== undefined) event.set(FIELD.anonymousId, sent.anonymousId);
  return event;
}
