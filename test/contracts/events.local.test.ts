import { openLocalBus } from '../../storage/events/local.ts';
import { describeBus } from './events.contract.ts';

describeBus('one process', async () => {
  const bus = openLocalBus();
  return { open: async () => bus, close: () => bus.close() };
});
