import { join } from 'node:path';
import { openLmdbLog } from '../../storage/log/lmdb.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { describeLogContract } from './log.contract.ts';

describeLogContract('LMDB', async () => {
  const folder = temporaryFolder('log');
  return {
    controlsTime: true,
    open: async (options) => openLmdbLog({ directory: join(folder.path, 'log'), ...options }),
    dispose: async () => folder[Symbol.dispose](),
  };
});
