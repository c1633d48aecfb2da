/** A data folder whose log has been told of many campaigns: launched one by one, they would take minutes. */
import { join } from 'node:path';
import { partitionOf } from '../../model/fingerprint.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { campaignNames, launchRecords } from '../samples.ts';

/** Partitions of a data folder where nothing else is said. */
export const PARTITIONS = 16;
/** Campaigns that are appended at a time. */
const AT_ONCE = 1_000;
/**
 * Campaigns that are launched in a second of the log's time: as many as this are appended far more quickly, and a
 * block would have hundreds of thousands of them.
 */
const LAUNCHED_PER_SECOND = 5_000;

/**
 * Appends what creates and launches campaigns to the log of a new data folder. The server that is started on it
 * finds them as if it had crashed before it came to them.
 *
 * @returns their ids
 */
export async function fillLog(dataDirectory: string, campaigns: number): Promise<readonly string[]> {
  const ids = campaignNames(campaigns);
  let time = Date.now() - (campaigns / LAUNCHED_PER_SECOND) * 1_000;
  const log = openSegmentLog({
    directory: join(dataDirectory, 'log'),
    partitions: PARTITIONS,
    now: () => Math.floor(time),
  });
  try {
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      await Promise.all(
        ids.slice(from, from + AT_ONCE).flatMap((id) => {
          const partition = partitionOf(id, PARTITIONS);
          return launchRecords(id).map((data, step) => log.append(partition, `${id}/${step}`, data));
        }),
      );
      time += (AT_ONCE / LAUNCHED_PER_SECOND) * 1_000;
    }
  } finally {
    await log.close();
  }
  return ids;
}
