import { pino } from 'pino';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import type { GatewayNotice } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { openSimulatedGateway, type SimulatedBehaviour } from '../../storage/gateway/simulated.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { MemorySnapshots } from '../support/memory-snapshots.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { describeGatewayContract, type GatewayEngine } from './gateway.contract.ts';

const SOUND: SimulatedBehaviour = {
  latencyMs: 1,
  declines: 0,
  timeoutsBefore: 0,
  timeoutsAfter: 0,
  deferred: 0,
  reversals: 0,
  duplicateNotices: 0,
  reorderedNotices: 0,
  seed: 1,
};

type Kept = Pick<Snapshots, 'get' | 'commit' | 'list'>;

const FAULTS = {
  decline: { declines: 1 },
  'no answer before': { timeoutsBefore: 1 },
  'no answer after': { timeoutsAfter: 1 },
} as const;

/** @param snapshots where it keeps what it has done, and what ends them */
async function engine(snapshots: Kept, end: () => Promise<void>): Promise<GatewayEngine> {
  const notices: GatewayNotice[] = [];
  let fault: keyof typeof FAULTS | undefined;
  const opened: Gateway[] = [];
  const open = (behaviour: Partial<SimulatedBehaviour> = {}) => {
    const gateway = openSimulatedGateway({
      ...SOUND,
      ...behaviour,
      snapshots,
      clock: SYSTEM_CLOCK,
      notify: async (notice) => void notices.push(notice),
      logger: pino({ level: 'silent' }),
    });
    opened.push(gateway);
    return gateway;
  };
  return {
    open() {
      const sound = open();
      return {
        name: sound.name,
        transfer(order) {
          const faulty = fault && open(FAULTS[fault]);
          fault = undefined;
          return (faulty ?? sound).transfer(order);
        },
        notice: () => sound.notice(),
        transfersOf: (payoutId) => sound.transfersOf(payoutId),
        transfers: () => sound.transfers(),
        close: () => sound.close(),
      };
    },
    next(wanted) {
      fault = wanted;
    },
    reverse: (payoutId, micros) => open().reverse(payoutId, micros),
    notices: async () => notices,
    async dispose() {
      for (const gateway of opened) await gateway.close();
      await end();
    },
  };
}

describeGatewayContract('simulated', () => engine(new MemorySnapshots(), async () => undefined));

describeGatewayContract('simulated, beside embedded snapshots', async () => {
  const folder = temporaryFolder('gateway');
  const snapshots = openLmdbSnapshots({ directory: folder.path });
  return engine(snapshots, async () => {
    await snapshots.close();
    folder[Symbol.dispose]();
  });
});
