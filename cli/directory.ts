/** The directory of campaigns of this process: as saved, then as the actors tell, wherever they run. */
import { keys } from '../actors/keys.ts';
import type { CampaignSummary } from '../model/campaign.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import type { Snapshot } from '../storage/snapshots/port.ts';
import type { Backbone } from './engines/backbone.ts';

/**
 * Fills the directory with the campaigns as they were last saved, and keeps it up to date. News come at
 * once but may be missed; of shared snapshots every change is followed too, so that what was missed is
 * there when it is saved.
 */
export async function openDirectory({ snapshots, calls, isShared }: Backbone): Promise<CampaignDirectory> {
  const directory = new CampaignDirectory();
  const put = ({ value }: Snapshot): void =>
    directory.put(JSON.parse(Buffer.from(value).toString()) as CampaignSummary);
  calls.listen((news) => directory.put(news as CampaignSummary));
  if (isShared) await snapshots.watch(keys.summaryPrefix, put);
  else for await (const summary of snapshots.list(keys.summaryPrefix)) put(summary);
  return directory;
}
