import { pino } from 'pino';
import { openLocalIntegration } from '../../storage/integration/local.ts';
import { describeFeed } from './integration.contract.ts';

describeFeed('one process', async () => {
  const feed = openLocalIntegration(pino({ level: 'silent' }));
  return { open: async () => feed, close: () => feed.close() };
});
