/** The directories of campaigns and partners of this process: as saved, then as the actors tell, wherever they run. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { keys } from '../actors/keys.ts';
import type { Question } from '../actors/node/thread-messages.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { partitionOf } from '../model/fingerprint.ts';
import { PartnerDirectory } from '../model/partner-directory.ts';
import { isCampaignSummary, type Summary } from '../model/summary.ts';
import type { Snapshot, Snapshots } from '../storage/snapshots/port.ts';
import type { Backbone } from './engines/backbone.ts';

const RETRY_MS = 1_000;
/** How often the actors are asked for what is not saved yet, and how long they may take to answer. */
const SYNC_MS = 1_000;
const ANSWER_MS = 2_000;
/** Of very many partitions, more seldom. */
const SYNC_PER_PARTITION_MS = 10;

type Sources = Pick<Backbone, 'snapshots' | 'calls' | 'log' | 'isShared'>;

export interface Directories {
  readonly campaigns: CampaignDirectory;
  readonly partners: PartnerDirectory;
}

/**
 * Fills the directories with campaigns and partners as they were last saved, and keeps them up to date. News come
 * at once but may be missed; of shared snapshots every change is followed too, so that what was missed is
 * there when it is saved; and whoever works a partition is asked again and again for what is not saved
 * yet. Where nobody answers, the directory says that it may lack campaigns of that partition.
 *
 * @param signal ends the asking
 */
export async function openDirectories(
  { snapshots, calls, log, isShared }: Sources,
  logger: Logger,
  signal?: AbortSignal,
): Promise<Directories> {
  const upToDate = new Set<number>();
  const campaigns = new CampaignDirectory(
    (campaignId) => !isShared || upToDate.has(partitionOf(campaignId, log.partitions)),
  );
  const partners = new PartnerDirectory();
  const learn = (summary: Summary): void => {
    if (isCampaignSummary(summary)) campaigns.put(summary);
    else partners.put(summary);
  };
  const put = ({ value }: Snapshot): void => learn(JSON.parse(Buffer.from(value).toString()) as Summary);
  calls.listen((news) => learn(news as Summary));
  for (const prefix of [keys.summaryPrefix, keys.partnerSummaryPrefix]) {
    if (isShared) await follow(snapshots, prefix, put, logger);
    else for await (const summary of snapshots.list(prefix)) put(summary);
  }
  if (!isShared) return { campaigns, partners };
  const sync = async (partition: number): Promise<void> => {
    try {
      const question: Question = { kind: 'summaries', sequence: await log.lastSequence(partition) };
      const summaries = await calls.ask(partition, question, ANSWER_MS);
      for (const summary of summaries as readonly Summary[]) learn(summary);
      upToDate.add(partition);
    } catch {
      // Nobody works it at the moment, or NATS is away: until it is asked again, nobody is told "unknown".
      upToDate.delete(partition);
    }
  };
  const everyMs = Math.max(SYNC_MS, log.partitions * SYNC_PER_PARTITION_MS);
  for (let partition = 0; partition < log.partitions; partition++)
    void repeat(() => sync(partition), everyMs, signal);
  return { campaigns, partners };
}

async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!signal?.aborted) {
    await work();
    await delay(everyMs, undefined, { ref: false });
  }
}

/** Follows the summaries; resolves when those that are there have been put. */
async function follow(
  snapshots: Snapshots,
  prefix: string,
  put: (snapshot: Snapshot) => void,
  logger: Logger,
): Promise<void> {
  const { ended } = await snapshots.watch(prefix, put);
  const goOn = async (): Promise<void> => {
    for (let failure = await ended; failure; ) {
      logger.error({ err: failure }, 'campaigns and partners cannot be followed');
      await delay(RETRY_MS);
      failure = await follow(snapshots, prefix, put, logger).then(
        () => undefined,
        (error: Error) => error,
      );
    }
  };
  void goOn();
}
