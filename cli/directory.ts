/** The directory of campaigns of this process: as saved, then as the actors tell, wherever they run. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { keys } from '../actors/keys.ts';
import type { CampaignSummary } from '../model/campaign.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import type { Snapshot, Snapshots } from '../storage/snapshots/port.ts';
import type { Backbone } from './engines/backbone.ts';

const RETRY_MS = 1_000;

/**
 * Fills the directory with the campaigns as they were last saved, and keeps it up to date. News come at
 * once but may be missed; of shared snapshots every change is followed too, so that what was missed is
 * there when it is saved.
 */
export async function openDirectory(
  { snapshots, calls, isShared }: Backbone,
  logger: Logger,
): Promise<CampaignDirectory> {
  const directory = new CampaignDirectory();
  const put = ({ value }: Snapshot): void =>
    directory.put(JSON.parse(Buffer.from(value).toString()) as CampaignSummary);
  calls.listen((news) => directory.put(news as CampaignSummary));
  if (isShared) await follow(snapshots, put, logger);
  else for await (const summary of snapshots.list(keys.summaryPrefix)) put(summary);
  return directory;
}

/** Follows the summaries; resolves when those that are there have been put. */
async function follow(
  snapshots: Snapshots,
  put: (snapshot: Snapshot) => void,
  logger: Logger,
): Promise<void> {
  const { ended } = await snapshots.watch(keys.summaryPrefix, put);
  const goOn = async (): Promise<void> => {
    for (let failure = await ended; failure; ) {
      logger.error({ err: failure }, 'campaigns cannot be followed');
      await delay(RETRY_MS);
      failure = await follow(snapshots, put, logger).then(
        () => undefined,
        (error: Error) => error,
      );
    }
  };
  void goOn();
}
