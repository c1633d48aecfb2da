import { join } from 'node:path';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { describeLogContract } from './log.contract.ts';

const engine =
  (segmentBytes: number): Parameters<typeof describeLogContract>[1] =>
  async () => {
    const folder = temporaryFolder('log');
    return {
      controlsTime: true,
      open: async (options) =>
        openSegmentLog({ directory: join(folder.path, 'log'), segmentBytes, ...options }),
      dispose: async () => folder[Symbol.dispose](),
    };
  };

describeLogContract('segments', engine(16 * 2 ** 20));
describeLogContract('segments so small that most commits begin one', engine(2_048));
