import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { openLocalCalls } from '../../storage/calls/local.ts';
import { command } from '../test-support.ts';
import { PartitionGateway } from './gateway.ts';
import type { Question } from './thread-messages.ts';

const PARTITIONS = 4;
const PARTITION = partitionOf('c1', PARTITIONS);

/** A gateway to partitions that only the test answers for. */
function gatewayOver(log: { append?: () => Promise<number>; last?: () => Promise<number> } = {}) {
  const calls = openLocalCalls();
  const { append = async () => 7, last = async () => 7 } = log;
  const gateway = new PartitionGateway({
    log: { partitions: PARTITIONS, append, lastSequence: last },
    calls,
  });
  return { gateway, calls };
}

describe('the gateway to the actors', () => {
  it('asks the campaign’s partition for what it knows at the end of the log', async () => {
    const { gateway, calls } = gatewayOver();
    const asked: unknown[] = [];
    calls.serve(PARTITION, async (question) => asked.push(question));
    expect(await gateway.query('c1', { kind: 'metrics' })).toBe(1);
    await gateway.settled('c1');
    expect(asked).toEqual([
      { kind: 'query', sequence: 7, actorId: 'c1', query: 'metrics' },
      { kind: 'settled', sequence: 7 },
    ]);
  });

  it('waits for every partition where no campaign is named', async () => {
    const { gateway, calls } = gatewayOver();
    const asked: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++)
      calls.serve(partition, async () => asked.push(partition));
    await gateway.settled();
    expect(asked.sort()).toEqual([0, 1, 2, 3]);
  });

  it('asks again while a partition changes hands', async () => {
    const { gateway, calls } = gatewayOver();
    const answer = gateway.query('c1', { kind: 'metrics' });
    await Promise.resolve();
    let times = 0;
    calls.serve(PARTITION, async () => {
      if (++times < 3) throw new TurnpikeError({ code: 'unavailable', message: 'not here' });
      return 'found';
    });
    expect(await answer).toBe('found');
  });

  it('passes on a failure that asking again would not mend', async () => {
    const { gateway, calls } = gatewayOver();
    let times = 0;
    calls.serve(PARTITION, async () => {
      times++;
      throw new TurnpikeError({ code: 'not_found', message: 'no such campaign' });
    });
    await expect(gateway.query('c1', { kind: 'metrics' })).rejects.toThrow('no such campaign');
    expect(times).toBe(1);
  });

  it('answers a command by what the actor said of it', async () => {
    const { gateway, calls } = gatewayOver();
    const pause = command('pause');
    calls.serve(PARTITION, async (question) => {
      const { kind, sequence, commandId } = question as Extract<Question, { kind: 'command' }>;
      return { ok: true, view: { kind, sequence, commandId } };
    });
    const { commandId } = pause;
    expect(await gateway.execute(pause)).toEqual({
      ok: true,
      view: { kind: 'command', sequence: 7, commandId },
    });
  });

  it('says that the outcome is unknown of a command that nobody knows of any more', async () => {
    const { gateway, calls } = gatewayOver();
    calls.serve(PARTITION, async () => undefined);
    await expect(gateway.execute(command('pause'))).rejects.toMatchObject({
      failure: { code: 'deadline_exceeded', message: expect.stringContaining('same request id') },
    });
  });

  it('says that a command was not taken where the log refuses it', async () => {
    const refusal = new TurnpikeError({ code: 'unavailable', message: 'the log is away' });
    const { gateway } = gatewayOver({ append: () => Promise.reject(refusal) });
    await expect(gateway.execute(command('pause'))).rejects.toBe(refusal);
  });

  it('does not let an event’s answer wait for a decision that nobody can tell', async () => {
    const { gateway } = gatewayOver();
    expect(await gateway.decision(PARTITION, 7, 0)).toBeUndefined();
  });

  it('bounds the questions under way', async () => {
    const { gateway, calls } = gatewayOver();
    let answerAll = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    calls.serve(PARTITION, () => answered);
    const waiting = Array.from({ length: limits.questionsInFlight }, () => gateway.settled('c1'));
    await Promise.resolve();
    await expect(gateway.settled('c1')).rejects.toMatchObject({ failure: { code: 'resource_exhausted' } });
    answerAll();
    await Promise.all(waiting);
  });
});
