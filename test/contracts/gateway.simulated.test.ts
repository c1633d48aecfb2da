import { pino } from 'pino';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import type { GatewayNotice } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { openSimulatedGateway, type SimulatedBehaviour } from '../../storage/gateway/simulated.ts';
import { MemorySnapshots } from '../support/memory-snapshots.ts';
import { describeGatewayContract } from './gateway.contract.ts';

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

const FAULTS = {
  decline: { declines: 1 },
  'no answer before': { timeoutsBefore: 1 },
  'no answer after': { timeoutsAfter: 1 },
} as const;

describeGatewayContract('simulated', async () => {
  const snapshots = new MemorySnapshots();
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
    },
  };
});
