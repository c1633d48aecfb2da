import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayNotice, TransferOrder } from '../../model/transfer.ts';
import { MemorySnapshots } from '../../test/support/memory-snapshots.ts';
import { waitFor } from '../../test/support/wait.ts';
import { openSimulatedGateway, type SimulatedBehaviour, type SimulatedGateway } from './simulated.ts';

const SOUND: SimulatedBehaviour = {
  latencyMs: 0,
  declines: 0,
  timeoutsBefore: 0,
  timeoutsAfter: 0,
  deferred: 0,
  reversals: 0,
  duplicateNotices: 0,
  reorderedNotices: 0,
  seed: 1,
};

const opened: SimulatedGateway[] = [];
afterEach(async () => {
  for (const gateway of opened.splice(0)) await gateway.close();
});

/** @param actors whether those who are told take it */
function open(
  behaviour: Partial<SimulatedBehaviour>,
  snapshots = new MemorySnapshots(),
  actors: 'take' | 'refuse' = 'take',
) {
  const notices: GatewayNotice[] = [];
  const gateway = openSimulatedGateway({
    ...SOUND,
    ...behaviour,
    snapshots,
    // Pauses are short, but not so short that nothing else gets its turn.
    clock: { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    async notify(notice) {
      if (actors === 'refuse') throw new Error('away');
      notices.push(notice);
    },
    logger: pino({ level: 'silent' }),
  });
  opened.push(gateway);
  return {
    gateway,
    notices,
    ask: (payoutId: string, attempt = 1) => gateway.transfer(order(payoutId, attempt)),
    /** What it has told by itself, when it has told as much. */
    async told(count: number) {
      await waitFor(`${count} notices`, () => notices.length >= count);
      return notices.map(({ kind }) => kind);
    },
  };
}

function order(payoutId: string, attempt: number): TransferOrder {
  const amount = { micros: 5_000_000, currency: 'USD' };
  return { payoutId, attempt, partnerId: 'ana', amount, reference: 'may' };
}

/** How the payouts 0 … 999 end that are asked for once. */
async function outcomes(behaviour: Partial<SimulatedBehaviour>): Promise<string[]> {
  const { ask } = open(behaviour);
  const kinds: string[] = [];
  for (let index = 0; index < 1_000; index++) kinds.push((await ask(`po_${index}`)).kind);
  return kinds;
}

describe('the simulated gateway', () => {
  it('sends everything unless told otherwise', async () => {
    expect(new Set(await outcomes({}))).toEqual(new Set(['succeeded']));
  });

  it.each([
    ['declines', 'declined'],
    ['timeoutsBefore', 'unknown'],
    ['timeoutsAfter', 'unknown'],
    ['deferred', 'accepted'],
  ] as const)('does as %s says in that share of the cases', async (setting, kind) => {
    const kinds = await outcomes({ [setting]: 0.2 });
    const share = kinds.filter((candidate) => candidate === kind).length / kinds.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  it('treats the same payouts alike with the same seed, and others with another', async () => {
    const first = await outcomes({ declines: 0.5 });
    expect(await outcomes({ declines: 0.5 })).toEqual(first);
    expect(await outcomes({ declines: 0.5, seed: 2 })).not.toEqual(first);
  });

  it('answers at last, however often it does not', async () => {
    const { ask } = open({ timeoutsBefore: 0.5, timeoutsAfter: 0.5 });
    const kinds: string[] = [];
    for (let attempt = 1; attempt <= 50; attempt++) kinds.push((await ask('po_1', attempt)).kind);
    expect(new Set(kinds)).toEqual(new Set(['unknown', 'succeeded']));
  });

  it('tells later what it has deferred', async () => {
    const { ask, told } = open({ deferred: 1 });
    expect(await ask('po_1')).toMatchObject({ kind: 'accepted' });
    expect(await told(1)).toEqual(['succeeded']);
  });

  it('tells later that it has declined what it has deferred', async () => {
    const { ask, told } = open({ deferred: 1, declines: 1 });
    expect(await ask('po_1')).toMatchObject({ kind: 'accepted' });
    expect(await told(1)).toEqual(['failed']);
  });

  it('says what has become of what it has deferred when it is asked again, by another process too', async () => {
    const snapshots = new MemorySnapshots();
    const first = open({ deferred: 1 }, snapshots);
    expect(await first.ask('po_1')).toMatchObject({ kind: 'accepted' });
    const second = open({ deferred: 1 }, snapshots);
    expect(await second.ask('po_1', 2)).toMatchObject({ kind: 'succeeded' });
    expect(await second.gateway.transfersOf('po_1')).toMatchObject([{ status: 'succeeded' }]);
  });

  it('tells everything twice', async () => {
    const { ask, told } = open({ duplicateNotices: 1, reversals: 1 });
    await ask('po_1');
    expect(await told(4)).toEqual(['succeeded', 'reversed', 'succeeded', 'reversed']);
  });

  it('tells in the wrong order, before it answers', async () => {
    const { ask, notices } = open({ reorderedNotices: 1, reversals: 1 });
    await ask('po_1');
    expect(notices.map(({ kind }) => kind)).toEqual(['reversed', 'succeeded']);
  });

  it('takes back what it has sent', async () => {
    const { ask, told, notices, gateway } = open({ reversals: 1 });
    await ask('po_1');
    expect(await told(2)).toEqual(['succeeded', 'reversed']);
    expect(notices[1]).toMatchObject({ reversedMicros: 5_000_000 });
    expect(await gateway.transfersOf('po_1')).toMatchObject([{ status: 'reversed' }]);
  });

  it('tells what a process that was killed has left untold, until it is taken', async () => {
    const snapshots = new MemorySnapshots();
    const killed = open({ deferred: 1, reversals: 1 }, snapshots, 'refuse');
    expect(await killed.ask('po_1')).toMatchObject({ kind: 'accepted' });
    await killed.gateway.close();
    const next = open({ deferred: 1, reversals: 1 }, snapshots);
    await next.gateway.resume();
    expect(await next.told(2)).toEqual(['succeeded', 'reversed']);
    await next.gateway.close();
    const last = open({ deferred: 1, reversals: 1 }, snapshots);
    await last.gateway.resume();
    expect([...snapshots.documents.keys()]).toEqual(['gateway/po_1']);
    expect(last.notices).toEqual([]);
  });

  it('knows no outcome while what it keeps cannot be reached', async () => {
    const snapshots = new MemorySnapshots();
    const { ask } = open({}, snapshots);
    snapshots.failure = new Error('away');
    expect(await ask('po_1')).toEqual({ kind: 'unknown', message: 'away' });
    snapshots.failure = undefined;
    expect(await ask('po_1')).toMatchObject({ kind: 'succeeded' });
  });
});
