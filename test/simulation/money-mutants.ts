/** The partners' money with one protection taken out: each must be found. */
import type { Actor, ActorFactories, ActorFactory } from '../../actors/actor.ts';
import { payoutActors } from '../../actors/payout/actor.ts';
import type { SnapshotWrite } from '../../storage/snapshots/port.ts';
import type { Mutant } from './mutant.ts';

/** Payouts that tell some of their messages twice. */
function tellingTwice(name: string): Partial<ActorFactories> {
  const factory = payoutActors();
  const payout: ActorFactory = {
    async load(...given) {
      const actor: Actor = await factory.load(...given);
      const take = actor.takeMessages?.bind(actor);
      if (take)
        actor.takeMessages = () => take().flatMap((told) => (told.name === name ? [told, told] : [told]));
      return actor;
    },
  };
  return { payout };
}

/** Blocks whose messages get lost: one of three. */
function withoutMessages({ key, ...write }: SnapshotWrite): SnapshotWrite {
  const [, sequence] = /^partition\/\d+\/messages\/(\d+)$/.exec(key) ?? [];
  return Number(sequence ?? 1) % 3 === 0 ? { key, value: undefined } : { key, ...write };
}

export const MONEY_MUTANTS = {
  'messages of blocks that get lost': {
    snapshots: (snapshots) => ({
      ...snapshots,
      commit: (writes) => snapshots.commit(writes.map(withoutMessages)),
    }),
  },
  'a new key for each attempt at a transfer': {
    gateway: (gateway) => ({
      transfer: (order) => gateway.transfer({ ...order, payoutId: `${order.payoutId}#${order.attempt}` }),
    }),
  },
  'no answer taken for a refusal': {
    gateway: (gateway) => ({
      transfer: async (order) => {
        const outcome = await gateway.transfer(order);
        return outcome.kind === 'unknown' ? { ...outcome, kind: 'declined', code: 'no_answer' } : outcome;
      },
    }),
  },
  'payouts settled twice': { factories: tellingTwice('settle') },
  'what came back told twice': { factories: tellingTwice('returned') },
  'refunds that are not remembered': {
    snapshots: (snapshots) => ({
      ...snapshots,
      get: async (key) => {
        const found = await snapshots.get(key);
        if (!found || !/\/campaign\/[^/]+\/state$/.test(key)) return found;
        const { slow, fast } = JSON.parse(Buffer.from(found.value).toString());
        const conversions = { ...fast.conversions, refunds: 0 };
        return { ...found, value: Buffer.from(JSON.stringify({ slow, fast: { ...fast, conversions } })) };
      },
    }),
  },
} satisfies Readonly<Record<string, Mutant>>;
