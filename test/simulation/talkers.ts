/**
 * Actors that do nothing but talk to each other, and count: everything that one tells another has a number, and
 * whoever hears a number that is not the next one notes it.
 */
import type { ActorFactory } from '../../actors/actor.ts';
import { STATE_DOCUMENT } from '../../actors/actor.ts';
import type { Message } from '../../model/message.ts';

/** Payload of the command `say`: who is told something, and how often whoever is told passes it on. */
export interface Say {
  readonly to: readonly string[];
  readonly hops: number;
}

interface Told {
  readonly from: string;
  readonly number: number;
  readonly hops: number;
  /** Makes messages of different sizes. */
  readonly padding: string;
}

export interface TalkerState {
  applied: number;
  /** By the other one: how much it was told, and how much was heard of it. */
  readonly told: Record<string, number>;
  readonly heard: Record<string, number>;
  readonly wrong: string[];
}

const PADDING = 97;

/** @param ids all that talk: what is passed on goes to the next one */
export function talkers(ids: readonly string[]): ActorFactory {
  return {
    async load(id, read) {
      const saved = await read(STATE_DOCUMENT);
      const state: TalkerState = saved
        ? JSON.parse(Buffer.from(saved.value).toString())
        : { applied: 0, told: {}, heard: {}, wrong: [] };
      let messages: Message[] = [];
      let exists = saved !== undefined;
      const tell = (to: string, hops: number): void => {
        const number = (state.told[to] ?? 0) + 1;
        state.told[to] = number;
        const padding = 'x'.repeat((number * id.length) % PADDING);
        const payload: Told = { from: id, number, hops, padding };
        messages.push({ actorKind: 'account', actorId: to, name: 'told', payload });
      };
      return {
        id,
        applied: state.applied,
        get exists() {
          return exists;
        },
        command({ payload }) {
          exists = true;
          const { to, hops } = payload as Say;
          for (const other of to) tell(other, hops);
          return { ok: true, view: undefined };
        },
        receive({ payload }) {
          exists = true;
          const { from, number, hops } = payload as Told;
          const last = state.heard[from] ?? 0;
          if (number !== last + 1) state.wrong.push(`${id} heard ${number} of ${from} after ${last}`);
          state.heard[from] = number;
          if (hops > 0) tell(ids[(ids.indexOf(id) + 1) % ids.length] as string, hops - 1);
        },
        query: () => undefined as never,
        dueAt: () => undefined,
        onTime: () => undefined,
        takeSummary: () => undefined,
        takeDomainEvents: () => [],
        takeMessages() {
          const taken = messages;
          messages = [];
          return taken;
        },
        save(applied) {
          state.applied = applied;
          return exists ? [{ name: STATE_DOCUMENT, value: Buffer.from(JSON.stringify(state)) }] : [];
        },
      };
    },
  };
}
