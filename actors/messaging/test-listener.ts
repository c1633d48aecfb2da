/** For tests of messages: actors that note what they are told, pass some of it on, and fail where they are asked to. */
import type { CommandAnswer } from '../../model/command.ts';
import type { Message, MessageOrigin } from '../../model/message.ts';
import { type Actor, type ActorFactory, STATE_DOCUMENT } from '../actor.ts';

export interface ListenerState {
  applied: number;
  /** What it was told, with where that came from: `<text> <from>:<upTo>`. */
  readonly heard: string[];
}

/** A message to a listener. What begins with `pass ` is told to `on`; `until <time>` is what it waits for from then on. */
export function told(actorId: string, text: string): Message {
  return { actorKind: 'account', actorId, name: 'told', payload: { text } };
}

/** @param fails the texts that cannot be taken */
export function listeners(fails: (text: string) => boolean = () => false): ActorFactory {
  return {
    async load(id, read) {
      const saved = await read(STATE_DOCUMENT);
      const state: ListenerState = saved
        ? JSON.parse(Buffer.from(saved.value).toString())
        : { applied: 0, heard: [] };
      let exists = saved !== undefined;
      let messages: Message[] = [];
      const actor: Actor = {
        id,
        applied: state.applied,
        get exists() {
          return exists;
        },
        command({ name, payload }): CommandAnswer {
          exists = true;
          if (name === 'say') messages.push(payload as Message);
          return { ok: true, view: [...state.heard] };
        },
        receive({ payload }: Message, _time: number, _sequence: number, { from, upTo }: MessageOrigin) {
          const { text } = payload as { readonly text: string };
          if (fails(text)) throw new Error(`cannot take ${text}`);
          exists = true;
          state.heard.push(`${text} ${from}:${upTo}`);
          if (text.startsWith('pass ')) messages.push(told('on', text));
        },
        query: () => undefined as never,
        dueAt: () => {
          const due = state.heard.findLast((text) => text.startsWith('until '));
          return due === undefined ? undefined : Number(due.split(' ')[1]);
        },
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
      return actor;
    },
  };
}
