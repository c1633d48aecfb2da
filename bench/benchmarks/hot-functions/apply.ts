/** Deciding and counting a record. */
import type { LogRecord } from '../../../storage/log/port.ts';
import { ReplayedPartition } from '../../replayed-partition.ts';
import { campaignNames, partitionLog } from '../../samples.ts';
import { sumInMap } from '../../sum-in-map.ts';
import type { HotFunction } from './list.ts';

const CAMPAIGNS = campaignNames(20);
/** Records before a new partition is begun: no event id may come twice. */
const RECORDS = 200;

export async function apply(): Promise<HotFunction> {
  const log = partitionLog(CAMPAIGNS, RECORDS);
  const launched = log.length - RECORDS;
  let partition = await ReplayedPartition.open();
  let next = log.length;
  return {
    name: 'apply',
    async ours() {
      if (next === log.length) {
        partition = await ReplayedPartition.open();
        await partition.replay(log.slice(0, launched));
        next = launched;
      }
      await partition.replay([log[next++] as LogRecord]);
    },
    alternative: {
      name: 'the same record summed in a Map, by campaign, partner and hour',
      run: () => sumInMap([log[log.length - 1] as LogRecord]),
    },
    why: 'ids are remembered, rules and budgets looked at, each decision written down: what the Map lacks is what makes it right',
  };
}
