import { openLocalCalls } from '../../storage/calls/local.ts';
import { describeCalls } from './calls.contract.ts';

describeCalls('one process', async () => {
  const calls = openLocalCalls();
  return { open: async () => calls, close: () => calls.close() };
});
