import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import { describeDedupContract } from './dedup.contract.ts';

describeDedupContract('memory', async () => ({
  controlsTime: true,
  open: async (options) => openMemoryDedup(options),
  dispose: async () => undefined,
}));
