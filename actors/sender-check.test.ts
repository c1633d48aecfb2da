import { describe, expect, it } from 'vitest';
import { encodeMessages, TICK_RECORD } from '../model/record.ts';
import { SenderCheck } from './sender-check.ts';
import { told } from './test-listener.ts';
import { NOON } from './test-support.ts';

const record = (sequence: number, upTo: number) => ({
  sequence,
  time: NOON,
  data: encodeMessages({ from: 7, upTo, first: 0, messages: [told('a', 'one')] }),
});

describe('what a partition was told before it was opened', () => {
  it('must come from records that its sender’s log has', async () => {
    const check = new SenderCheck(2, { lastSequence: async () => 40 }, 10);
    await check.check(record(5, 40));
    await expect(check.check(record(6, 41))).rejects.toMatchObject({
      failure: {
        code: 'failed_precondition',
        message: expect.stringMatching(/^the log of partition 7 ends at 40, before 41,/),
      },
    });
  });

  it('is looked up once as long as that suffices', async () => {
    let asked = 0;
    const check = new SenderCheck(2, { lastSequence: async () => 40 + asked++ }, 10);
    for (const upTo of [10, 20, 40, 41]) await check.check(record(5, upTo));
    expect(asked).toBe(2);
  });

  it('is all that is looked at', async () => {
    const check = new SenderCheck(2, { lastSequence: async () => 0 }, 10);
    await check.check(record(11, 41));
    await check.check({ sequence: 1, time: NOON, data: TICK_RECORD });
    await check.check({ sequence: 1, time: NOON, data: Uint8Array.of(4, 1, 2, 3) });
  });
});
